package qdrant

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// A Config says which server, and which part of it.
type Config struct {
	Host       string
	Port       int    // 0 means 6334, the port of gRPC
	Key        string // the API key; never part of a URL
	TLS        bool
	Collection string
	Tenant     string        // the brand within the collection; "" is one too
	Dimension  int           // of dense vectors; 0 means none, Unknown that of the collection
	Timeout    time.Duration // of one call; 0 means 2 s for questions and 60 s for writing
}

// Unknown is the dimension while the embedder does not answer: that of the
// collection, which must be there.
const Unknown = -1

// Parse reads qdrant://host:port/collection, or qdrants:// for TLS, with the
// parameters tenant and dimension.
func Parse(address string) (Config, error) {
	u, err := url.Parse(address)
	if err != nil {
		return Config{}, fmt.Errorf("parse index address: %w", err)
	}
	c := Config{Host: u.Hostname(), Port: 6334, TLS: u.Scheme == "qdrants", Collection: strings.Trim(u.Path, "/")}
	if u.Scheme != "qdrant" && u.Scheme != "qdrants" || c.Host == "" || c.Collection == "" || strings.Contains(c.Collection, "/") {
		return Config{}, fmt.Errorf("parse index address %q: write qdrant://host:6334/collection", u.Redacted())
	}
	if u.User != nil {
		return Config{}, fmt.Errorf("parse index address: a key does not belong into the address; give it as a secret")
	}
	if p := u.Port(); p != "" {
		if c.Port, err = strconv.Atoi(p); err != nil || c.Port < 1 || c.Port > 65535 {
			return Config{}, fmt.Errorf("parse index address: %q is not a port", p)
		}
	}
	for key, values := range u.Query() {
		value := values[len(values)-1]
		switch key {
		case "tenant":
			c.Tenant = value
		case "dimension":
			if c.Dimension, err = strconv.Atoi(value); err != nil || c.Dimension < 1 || c.Dimension > 65535 {
				return Config{}, fmt.Errorf("parse index address: %q is not a dimension", value)
			}
		default:
			return Config{}, fmt.Errorf("parse index address: parameter %q is unknown; tenant and dimension are known", key)
		}
	}
	return c, nil
}
