// Package adapter runs ordinary http.Handlers as AWS Lambda functions.
package adapter
