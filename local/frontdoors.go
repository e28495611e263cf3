package main

import (
	"errors"
	"slices"

	"github.com/lambridge-go/lambridge/local/gateway"
	"github.com/lambridge-go/lambridge/local/internal/function"
	"github.com/lambridge-go/lambridge/local/websocket"
)

// A frontDoor is one that the command can stand in for.
type frontDoor struct {
	source gateway.Source
	name   string
}

// The list is what --every serves, in the order of the ports.
func frontDoors() []frontDoor {
	return []frontDoor{
		{gateway.HTTPv2, "HTTP API"},
		{gateway.HTTPv1, "HTTP API, payload format 1.0"},
		{gateway.REST, "REST API"},
		{gateway.FunctionURL, "function URL"},
		{gateway.ALB, "Application Load Balancer"},
		{gateway.ALBMulti, "Application Load Balancer, multi-value headers"},
		{gateway.LatticeV2, "VPC Lattice"},
		{gateway.LatticeV1, "VPC Lattice, event structure 1.0"},
	}
}

// frontDoors are those that the flags ask for.
func (f *flags) frontDoors() []frontDoor {
	all := frontDoors()
	if f.Every {
		return all
	}
	return slices.DeleteFunc(all, func(d frontDoor) bool { return string(d.source) != f.API })
}

// checkFrontDoors lets the gateway say what is wrong with the flags before anything
// is built.
func (f *flags) checkFrontDoors() error {
	never := new(function.Function)
	_, err := websocket.New(f.webSocketConfig(never))
	for _, door := range f.frontDoors() {
		_, doorErr := gateway.New(f.gatewayConfig(door.source, never))
		err = errors.Join(err, doorErr)
	}
	return err
}

// gatewayConfig says how to stand in for a front door.
func (f *flags) gatewayConfig(source gateway.Source, fn *function.Function) gateway.Config {
	config := gateway.Config{
		Source: source, Function: fn,
		Stage: f.Stage, StageVariables: f.StageVariable, BasePath: f.BasePath, Routes: f.Route,
		BinaryMediaTypes: f.binaryMediaTypes(source), AccountID: f.Account, CORS: f.cors(), Stream: f.Stream, Throttle: f.Throttle,
	}
	if f.Attach { // front doors wait as long as a debugger takes
		config.Timeout = -1
	}
	return config
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
func (f *flags) webSocketConfig(fn *function.Function) websocket.Config {
	config := websocket.Config{
		Function: fn, Stage: f.webSocketStage(),
		RouteSelectionExpression: f.RouteSelection, Routes: f.WSRoute, TwoWay: f.WSTwoWay,
	}
	if f.Attach {
		config.Timeout = -1
	}
	return config
}

// webSocketStage is the stage of the WebSocket API.
func (f *flags) webSocketStage() string {
	if f.Stage == "" || f.Stage == "$default" {
		return "local"
	}
	return f.Stage
}
