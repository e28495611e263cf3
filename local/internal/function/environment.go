package function

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	functionVersion = "$LATEST"
	handlerName     = "bootstrap"
	nameVariable    = "AWS_LAMBDA_FUNCTION_NAME"
)

// environment is what the process of i sees: what it inherits, over that what
// Lambda sets, and over that the function's own variables.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (i *instance) environment() []string {
	c := i.pool.config
	var env []string
	for _, variable := range c.Environ {
		if !belongsToLambda(variable) {
			env = append(env, variable)
		}
	}
	env = append(env,
		"AWS_REGION="+c.Account.Region,
		"AWS_DEFAULT_REGION="+c.Account.Region,
		nameVariable+"="+c.Name,
		"AWS_LAMBDA_FUNCTION_VERSION="+functionVersion,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE="+strconv.Itoa(c.Memory),
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/"+c.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME="+logStream(),
		"AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
		"LAMBDA_TASK_ROOT="+i.program.dir,
		"LAMBDA_RUNTIME_DIR=/var/runtime",
		"TZ=:UTC",
		"LANG=en_US.UTF-8",
		"_HANDLER="+handlerName,
		// For code that has to know, by our name and by the one that many libraries
		// look at, which is SAM's.
		"LAMBRIDGE_LOCAL=true",
		"AWS_SAM_LOCAL=true",
	)
	if c.MaxConcurrency > 1 {
		env = append(env,
			"AWS_LAMBDA_INITIALIZATION_TYPE=lambda-managed-instances",
			"AWS_LAMBDA_MAX_CONCURRENCY="+strconv.Itoa(c.MaxConcurrency),
			"AWS_LAMBDA_LOG_FORMAT=JSON")
	} else {
		env = append(env, "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand")
	}
	if lastOf("AWS_XRAY_DAEMON_ADDRESS", c.Environ) == "" {
		// Where a daemon on this machine listens. Lambda's is at a link-local address,
		// to which nothing is to be sent from here.
		env = append(env, "AWS_XRAY_DAEMON_ADDRESS=127.0.0.1:2000", "_AWS_XRAY_DAEMON_ADDRESS=127.0.0.1", "_AWS_XRAY_DAEMON_PORT=2000")
	}
	env = append(env, i.program.env...)
	return append(env, "AWS_LAMBDA_RUNTIME_API="+i.addr())
}

// belongsToLambda reports whether a variable would make the process believe in
// another environment than this one.
func belongsToLambda(variable string) bool {
	for _, prefix := range []string{"AWS_LAMBDA_", "_LAMBDA_", "_HANDLER=", "_X_AMZN_TRACE_ID="} {
		if strings.HasPrefix(variable, prefix) {
			return true
		}
	}
	return false
}

// lastOf returns the value that a variable has in the end, or "".
func lastOf(name string, variables []string) string {
	for _, variable := range slices.Backward(variables) {
		if value, ok := strings.CutPrefix(variable, name+"="); ok {
			return value
		}
	}
	return ""
}

// region returns the region that environments name, or "".
func region(environments ...[]string) string {
	found := ""
	for _, name := range []string{"AWS_DEFAULT_REGION=", "AWS_REGION="} { // the later wins
		for _, environment := range environments {
			for _, variable := range environment {
				if value, ok := strings.CutPrefix(variable, name); ok && value != "" {
					found = value
				}
			}
		}
	}
	return found
}

func logStream() string {
	var b [16]byte
	rand.Read(b[:])
	return fmt.Sprintf("%s[%s]%x", time.Now().UTC().Format("2006/01/02/"), functionVersion, b)
}
