package main

import (
	"fmt"

	"github.com/onkihq/onki/channels/web"
	"github.com/spf13/cobra"
)

func newSnippet(s streams) *cobra.Command {
	var server, key, lang string
	var pin bool
	c := &cobra.Command{
		Use: "snippet", Short: "print the line that puts the chat on a page", Args: cobra.NoArgs,
		Example: "  onki snippet --server https://chat.shop.example --key pk_shop --lang ko",
		RunE: func(*cobra.Command, []string) error {
			fmt.Fprintln(s.out, web.Snippet(server, key, lang, pin))
			return nil
		},
	}
	c.Flags().StringVar(&server, "server", "http://localhost:8080", "where this Onki is reached by browsers")
	c.Flags().StringVar(&key, "key", "pk_shop", "public key of the page: pk_ and the brand folder's name")
	c.Flags().StringVar(&lang, "lang", "", "language of the chat: ko or en; that of the page if left out")
	c.Flags().BoolVar(&pin, "pin", false, "add a subresource-integrity hash; the page must then be changed with each release")
	return c
}
