package main

import (
	"errors"
	"slices"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/invoke"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// frontDoors are those that the flags ask for, in the order of their ports.
func (f *flags) frontDoors() []gateway.SourceFacts {
	var all []gateway.SourceFacts
	for _, source := range gateway.Sources() {
		if facts, _ := gateway.Facts(source); f.Every || string(source) == f.API {
			all = append(all, facts)
		}
	}
	return all
}

// checkFrontDoors lets the gateway say what is wrong with the flags before anything
// is built.
func (f *flags) checkFrontDoors() error {
	config := f.webSocketConfig(nil, invoke.Account{})
	err := errors.Join(f.guardWebSocket(&config, nil), config.Check())
	for _, door := range f.frontDoors() {
		api := f.api(door, nil, invoke.Account{})
		if guarded := f.guard(&api, door, nil); guarded != nil {
			err = errors.Join(err, guarded)
			continue
		}
		err = errors.Join(err, api.Check())
	}
	return err
}

// api says what a front door does in front of a function, in an account.
func (f *flags) api(door gateway.SourceFacts, fn invoke.Invoker, account invoke.Account) gateway.API {
	api := gateway.API{
		Kind: door.Kind, Account: account,
		Stage: f.Stage, StageVariables: f.StageVariable, BasePath: f.BasePath,
		BinaryMediaTypes: f.binaryMediaTypes(door.Source), CORS: f.cors(),
		Default: gateway.Lambda(fn, f.invocation(door)),
	}
	for _, key := range f.Route {
		api.Routes = append(api.Routes, gateway.Route{Key: key})
	}
	return api
}

// invocation says how the front door invokes the function.
func (f *flags) invocation(door gateway.SourceFacts) gateway.LambdaOptions {
	o := gateway.LambdaOptions{Format: door.Format, Stream: f.Stream, Pace: f.Throttle}
	if f.Attach { // front doors wait as long as a debugger takes
		o.Timeout = -1
	}
	return o
}

// noMediaType is the value of --binary-media-type that stands for none.
const noMediaType = "none"

// binaryMediaTypes are those of a REST API, which would corrupt images and
// uploads without any, and none of the other front doors, unless they are asked
// for: the gateway refuses that.
func (f *flags) binaryMediaTypes(source gateway.Source) []string {
	switch given := f.BinaryMediaType; {
	case slices.Equal(given, []string{noMediaType}), f.Every && source != gateway.REST:
		return nil
	case len(given) == 0 && source == gateway.REST:
		return []string{"*/*"}
	default:
		return given
	}
}

// cors is the front door's CORS configuration, or nil if no flag is part of one.
func (f *flags) cors() *gateway.CORS {
	c := f.corsFlags
	if len(c.CORSOrigin)+len(c.CORSMethod)+len(c.CORSHeader)+len(c.CORSExpose) == 0 && !c.CORSCredentials && c.CORSMaxAge == 0 {
		return nil
	}
	return &gateway.CORS{
		AllowOrigins: c.CORSOrigin, AllowMethods: c.CORSMethod, AllowHeaders: c.CORSHeader,
		ExposeHeaders: c.CORSExpose, AllowCredentials: c.CORSCredentials, MaxAge: c.CORSMaxAge,
	}
}

// webSocketConfig says how to stand in for the WebSocket API beside them.
func (f *flags) webSocketConfig(fn invoke.Invoker, account invoke.Account) websocket.Config {
	config := websocket.Config{
		Default: websocket.Lambda(fn, f.webSocketInvocation()), Account: account, Stage: f.webSocketStage(),
		RouteSelectionExpression: f.RouteSelection, TwoWay: f.WSTwoWay,
	}
	for _, key := range f.WSRoute {
		config.Routes = append(config.Routes, websocket.Route{Key: key})
	}
	return config
}

// webSocketInvocation says how the WebSocket API invokes the function.
func (f *flags) webSocketInvocation() (o websocket.LambdaOptions) {
	if f.Attach {
		o.Timeout = -1
	}
	return o
}

// webSocketStage is the stage of the WebSocket API.
func (f *flags) webSocketStage() string {
	if f.Stage == "" || f.Stage == "$default" {
		return "local"
	}
	return f.Stage
}
