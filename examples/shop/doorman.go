package shop

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// A Doorman is a Lambda authorizer: it says who may place orders. Customers have a
// token of the shop's own, NAME.SIGNATURE, where only the shop can make the signature.
type Doorman func(ctx context.Context, e events.APIGatewayCustomAuthorizerRequest) (events.APIGatewayCustomAuthorizerResponse, error)

// errUnauthorized is answered with 401 for its very words.
var errUnauthorized = errors.New("Unauthorized")

// NewDoorman returns the authorizer that knows the tokens of a secret.
func NewDoorman(secret string) Doorman {
	return func(_ context.Context, e events.APIGatewayCustomAuthorizerRequest) (events.APIGatewayCustomAuthorizerResponse, error) {
		name, signature, _ := strings.Cut(strings.TrimPrefix(e.AuthorizationToken, "Bearer "), ".")
		if name == "" || !hmac.Equal([]byte(signature), []byte(sign(secret, name))) {
			return events.APIGatewayCustomAuthorizerResponse{}, errUnauthorized
		}
		// The answer is kept for a while, for other methods too: it has to allow them.
		stage, _, _ := strings.Cut(e.MethodArn, "/")
		return events.APIGatewayCustomAuthorizerResponse{
			PrincipalID: name,
			PolicyDocument: events.APIGatewayCustomAuthorizerPolicy{
				Version: "2012-10-17",
				Statement: []events.IAMPolicyStatement{
					{Effect: "Allow", Action: []string{"execute-api:Invoke"}, Resource: []string{stage + "/*"}},
				},
			},
		}, nil
	}
}

// NewToken returns the token of a customer.
func NewToken(secret, name string) string { return name + "." + sign(secret, name) }

func sign(secret, name string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(name))
	return hex.EncodeToString(mac.Sum(nil))
}
