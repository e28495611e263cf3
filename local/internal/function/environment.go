package function

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	functionVersion = "$LATEST"
	handlerName     = "bootstrap"
	defaultRegion   = "us-east-1"
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
	own := region(c.Environ, c.Env)
	env = append(env,
		"AWS_REGION="+own,
		"AWS_DEFAULT_REGION="+own,
		"AWS_LAMBDA_FUNCTION_NAME="+c.Name,
		"AWS_LAMBDA_FUNCTION_VERSION="+functionVersion,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE="+strconv.Itoa(c.Memory),
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/"+c.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME="+logStream(),
		"AWS_XRAY_CONTEXT_MISSING=LOG_ERROR",
		"LAMBDA_TASK_ROOT="+i.program.dir,
		"TZ=:UTC",
		"LANG=en_US.UTF-8",
		"_HANDLER="+handlerName,
	)
	if c.MaxConcurrency > 1 {
		env = append(env,
			"AWS_LAMBDA_INITIALIZATION_TYPE=lambda-managed-instances",
			"AWS_LAMBDA_MAX_CONCURRENCY="+strconv.Itoa(c.MaxConcurrency),
			"AWS_LAMBDA_LOG_FORMAT=JSON")
	} else {
		env = append(env, "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand")
	}
	env = append(env, c.Env...)
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

// region returns the developer's region, so that the function's own AWS calls go
// where they would from a terminal.
func region(environments ...[]string) string {
	found := defaultRegion
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
