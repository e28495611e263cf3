package lambdatest

import (
	"crypto/x509"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/lambridge-go/lambridge/local/gateway"
)

// An Option says how the front door is set up, or what it knows about each request.
// An option for what the front door does not have is misuse and ends the test; below
// [Each] it skips it.
type Option func(*settings)

// settings are what options have said.
type settings struct {
	facts   gateway.SourceFacts // of the front door
	api     gateway.API
	request gateway.Request // what is known about each request
	file    definitionSettings
	err     error // the first thing wrong with an option
}

// need notes what is wrong with an option for what the front door does not have.
func (s *settings) need(has bool, otherwise string) {
	if !has && s.err == nil {
		s.err = lacks("%s %s", s.facts.Plural, otherwise)
	}
}

// WithStage names the stage of an API. Its URLs then begin with the stage, as AWS's
// do: request "/dev/notes". Without it a REST API has the stage "prod" and an HTTP
// API "$default", and URLs begin at its root; what adapter.PrefixFrom tells is "/prod"
// all the same: a test that follows such links needs WithStage.
func WithStage(name string) Option {
	return func(s *settings) {
		s.need(s.facts.Stages, "have no stages: leave out WithStage")
		s.api.Stage = name
	}
}

// WithStageVariables sets the variables of an API's stage.
func WithStageVariables(variables map[string]string) Option {
	return func(s *settings) {
		s.need(s.facts.Stages, "have no stages: leave out WithStageVariables")
		s.api.StageVariables = maps.Clone(variables)
	}
}

// WithBasePath puts an API behind a custom domain that maps it to a path, such as
// "/shop". URLs then begin with it: request "/shop/notes".
func WithBasePath(path string) Option {
	return func(s *settings) {
		s.need(s.facts.Mappings, "are not mapped to paths: leave out WithBasePath")
		s.api.BasePath = path
	}
}

// WithBinaryMediaTypes lists a REST API's types of binary bodies. Without this option
// they are "*/*", with which bytes pass unchanged; without arguments there are none, as
// AWS has it until somebody sets them. Other front doors need no such list and take none.
func WithBinaryMediaTypes(types ...string) Option {
	return func(s *settings) {
		s.need(s.facts.BinaryMediaTypes, "have no list of binary media types: leave out WithBinaryMediaTypes")
		s.api.BinaryMediaTypes = slices.Clone(types)
	}
}

// WithRoute says which route of an API the requests match, such as "GET /notes/{id}",
// and the values of its parameters, percent-encoded. Without it they match the one
// route that takes every path and method.
func WithRoute(key string, parameters map[string]string) Option {
	return func(s *settings) {
		s.need(s.facts.Routes, "have no routes: leave out WithRoute")
		s.request.RouteKey, s.request.PathParameters = key, maps.Clone(parameters)
	}
}

// WithAuthorizer sets what an authorizer found out: the JSON of context stands in the
// event at requestContext.authorizer.
func WithAuthorizer(context any) Option {
	return func(s *settings) {
		s.need(s.facts.Authorizers, "have no authorizers: leave out WithAuthorizer")
		authorizer, err := json.Marshal(context)
		if err != nil && s.err == nil {
			s.err = fmt.Errorf("WithAuthorizer: %w", err)
		}
		s.request.Authorization.Context = authorizer
	}
}

// WithClaims sets the claims of a token that an authorizer of the API has checked, in
// the place where the front door puts them. API Gateway hands on claims as strings.
// [WithCaller] says more, and for front doors that check no tokens.
func WithClaims(claims map[string]string) Option {
	return func(s *settings) {
		s.need(len(s.facts.Claims) > 0, "do not check tokens: leave out WithClaims")
		if len(s.facts.Claims) == 0 {
			return
		}
		var context any = claims
		for _, name := range slices.Backward(s.facts.Claims) {
			context = map[string]any{name: context}
		}
		WithAuthorizer(context)(s)
	}
}

// WithClientCertificate sets the certificate that the client has proved to own, as
// mutual TLS does.
func WithClientCertificate(certificate *x509.Certificate) Option {
	return func(s *settings) { s.request.ClientCertificate = certificate }
}

// WithSourceIP sets the client's address. Without it the request's RemoteAddr counts.
func WithSourceIP(ip string) Option {
	return func(s *settings) { s.request.SourceIP = ip }
}

// WithDeadline sets when Lambda stops the function, which is the deadline of its
// context. Without it there is only the time that the front door waits.
func WithDeadline(deadline time.Time) Option {
	return func(s *settings) { s.request.Deadline = deadline }
}
