package main

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/lambridge-go/lambridge/local/authorize"
	"github.com/lambridge-go/lambridge/local/definition"
	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// callerFlags say who may call. With a definition they complete what it says; without
// one they are all there is, and hold for every route.
type callerFlags struct {
	JWKS              keyValues `name:"jwks" placeholder:"ISSUER=FILE|URL" help:"JSON Web Key Set of an issuer of tokens. Without a definition, requests need a token of such an issuer. Repeatable."`
	IAMKey            keyValues `name:"iam-key" placeholder:"ID=SECRET" help:"Access key whose signatures are accepted. Without a definition, requests have to be signed. Repeatable."`
	IAMAcceptAny      bool      `name:"iam-accept-any" help:"Accept signatures of all other access keys unchecked."`
	APIKey            keyValues `name:"api-key" placeholder:"NAME=VALUE" help:"API key of a REST or WebSocket API. Without a definition, requests need one. Repeatable."`
	AuthorizerContext string    `placeholder:"FILE" help:"Check nobody: the JSON in this file says who calls, {\"claims\": {\"sub\": \"ann\"}} for instance."`
}

// callers are what the flags say, for a definition.
func (f *callerFlags) callers(logger *slog.Logger) (c definition.Callers, err error) {
	c.Keys = authorize.NewKeys(authorize.KeyOptions{Sets: f.JWKS, Logger: logger})
	c.IAM = authorize.IAMOptions{AcceptAny: f.IAMAcceptAny}
	for _, id := range sortedKeys(f.IAMKey) {
		c.IAM.Keys = append(c.IAM.Keys, authorize.AccessKey{ID: id, Secret: f.IAMKey[id]})
	}
	c.APIKeys = f.apiKeys()
	fixed, err := f.fixed()
	if fixed != nil {
		c.Fixed = fixed
	}
	return c, err
}

func sortedKeys(values keyValues) []string { return slices.Sorted(maps.Keys(values)) }

// fixed is the authorizer of --authorizer-context, or nil.
func (f *callerFlags) fixed() (*authorize.FixedCaller, error) {
	if f.AuthorizerContext == "" {
		return nil, nil
	}
	document, err := os.ReadFile(f.AuthorizerContext)
	if err != nil {
		return nil, fmt.Errorf("local: --authorizer-context: %w", err)
	}
	fixed, err := authorize.Fixed(document)
	if err != nil {
		return nil, fmt.Errorf("local: --authorizer-context %s: %w", f.AuthorizerContext, err)
	}
	return fixed, nil
}

// iam reports whether requests have to be signed.
func (f *callerFlags) iam() bool { return len(f.IAMKey) > 0 || f.IAMAcceptAny }

// checkCallers refuses ways to know a caller that exclude each other.
func (f *flags) checkCallers() (wrong error) {
	var ways []string
	for flag, set := range map[string]bool{"--jwks": len(f.JWKS) > 0, "--iam-key or --iam-accept-any": f.iam(), "--authorizer-context": f.AuthorizerContext != ""} {
		if set {
			ways = append(ways, flag)
		}
	}
	slices.Sort(ways)
	if len(ways) > 1 {
		wrong = errors.New("local: " + strings.Join(ways, " and ") + ": without a definition, callers are known in one way")
	}
	_, err := f.callers(nil)
	if err == nil {
		_, err = authorize.NewAPIKeys(f.apiKeys()...)
	}
	return errors.Join(wrong, err)
}

func (f *callerFlags) apiKeys() (keys []authorize.APIKey) {
	for _, name := range sortedKeys(f.APIKey) {
		keys = append(keys, authorize.APIKey{Name: name, Value: f.APIKey[name]})
	}
	return keys
}

// guard puts what the flags say of callers in front of all routes of an API: those that
// it names, or those that stand for everything.
func (f *flags) guard(api *gateway.API, door gateway.SourceFacts, logger *slog.Logger) error {
	authorizer, err := f.authorizer(door, logger)
	if err != nil {
		return err
	}
	keyed := len(f.APIKey) > 0 && (door.Kind == gateway.RESTAPI || !f.Every)
	if keyed {
		if api.APIKeys, err = authorize.NewAPIKeys(f.apiKeys()...); err != nil {
			return err
		}
	}
	if authorizer == nil && !keyed {
		return nil
	}
	if len(api.Routes) == 0 {
		keys := []string{"$default"}
		if door.Kind == gateway.RESTAPI {
			keys = []string{"ANY /", "ANY /{proxy+}"}
		}
		for _, key := range keys {
			api.Routes = append(api.Routes, gateway.Route{Key: key})
		}
	}
	for i := range api.Routes {
		api.Routes[i].Authorizer, api.Routes[i].APIKeyRequired = authorizer, keyed
	}
	return nil
}

// guardWebSocket puts what the flags say of callers in front of the $connect of the WebSocket
// API beside the front doors. It knows no tokens.
func (f *flags) guardWebSocket(config *websocket.Config, logger *slog.Logger) (err error) {
	connect := websocket.Route{Key: "$connect"}
	if connect.Authorizer, err = f.webSocketAuthorizer(logger); err != nil {
		return err
	}
	if len(f.APIKey) > 0 {
		connect.APIKeyRequired = true
		if config.APIKeys, err = authorize.NewAPIKeys(f.apiKeys()...); err != nil {
			return err
		}
	}
	if connect.Authorizer != nil || connect.APIKeyRequired {
		config.Routes = append(config.Routes, connect)
	}
	return nil
}

// webSocketAuthorizer is who decides on handshakes, nil if everybody is let in.
func (f *flags) webSocketAuthorizer(logger *slog.Logger) (gateway.Authorizer, error) {
	if f.iam() {
		callers, err := f.callers(logger)
		if err != nil {
			return nil, err
		}
		return authorize.IAM(callers.IAM)
	}
	fixed, err := f.fixed()
	if err != nil || fixed == nil || fixed.Check(gateway.WebSocketAPI) != nil {
		return nil, err
	}
	return fixed, nil
}

// authorizer is what the flags say for a front door, nil if it lets everybody in. Among
// all front doors, those that know no such callers let everybody in.
func (f *flags) authorizer(door gateway.SourceFacts, logger *slog.Logger) (gateway.Authorizer, error) {
	api := door.Kind == gateway.RESTAPI || door.Kind == gateway.HTTPAPI
	able := api || door.Kind == gateway.LambdaURL && len(f.JWKS) == 0
	asked := f.AuthorizerContext != "" || f.iam() || len(f.JWKS) > 0
	switch {
	case !asked, !able && f.Every:
		return nil, nil
	case !able:
		return nil, fmt.Errorf("local: %s do not check callers in this way: leave out --jwks, --iam-key, --iam-accept-any and --authorizer-context", door.Plural)
	}
	fixed, err := f.fixed()
	if err != nil {
		return nil, err
	}
	if fixed != nil {
		switch err := fixed.Check(door.Kind); {
		case err == nil:
			return fixed, nil
		case f.Every:
			return nil, nil
		default:
			return nil, fmt.Errorf("local: --authorizer-context %s: %s: %w", f.AuthorizerContext, door.Plural, err)
		}
	}
	callers, err := f.callers(logger)
	if err != nil {
		return nil, err
	}
	if f.iam() {
		return authorize.IAM(callers.IAM)
	}
	o := authorize.JWTOptions{Keys: callers.Keys}
	if door.Kind == gateway.RESTAPI { // which lists the algorithms that it accepts
		o.Algorithms = authorize.Algorithms()
	}
	for _, issuer := range sortedKeys(f.JWKS) {
		o.Issuers = append(o.Issuers, authorize.Issuer{URL: issuer, AnyAudience: true})
	}
	return authorize.JWT(o)
}
