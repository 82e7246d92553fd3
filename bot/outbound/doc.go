// Package outbound makes the http.Client for every address that a brand's files
// or a customer can name: pages of knowledge, look-ups, hooks. Without it, a
// link could make the server ask machines that only it can reach (server-side
// request forgery).
//
//	client := outbound.Guard{}.Client()                              // the public web
//	client := outbound.Guard{Hosts: []string{"orders.internal:8443"}}.Client() // and one of our own
//
// The address is judged when the connection is made, after names are resolved,
// so neither a name that points inside nor one that changes its mind between
// two questions gets through. Each redirect is judged again and carries neither
// keys nor bodies to another host. Answers are bounded in time and size.
package outbound
