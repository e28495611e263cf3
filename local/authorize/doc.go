// Package authorize decides who may call an API: by a JSON Web Token, by a function,
// by a signature of AWS's, or by an API key. What it decides, and what its decision
// leaves in the event of the function behind the API, is what API Gateway would.
//
//	authorizer, err := authorize.JWT(authorize.JWTOptions{
//		Issuers: []authorize.Issuer{{URL: "https://id.example.com/", Audiences: []string{"notes"}}},
//	})
//	…
//	route := gateway.Route{Key: "GET /notes", Authorizer: authorizer, Scopes: []string{"notes:read"}}
//
// An authorizer reads the request as the client sent it and returns what the event is
// to show of the sender, or a [gateway.Denied] with the answer for one that may not
// call. One authorizer may serve any number of routes, and APIs of several kinds: the
// forms that they want its result in differ, and all of them are made.
//
// Tokens, keys, signatures and the headers that hold them stand in no error and no
// log. They are named, and what is wrong with them is told.
package authorize
