//go:build tools

// Package tools pins the Node language host so that `go build` resolves it from go.mod and go.sum.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs"
