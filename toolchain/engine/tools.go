//go:build tools

// Package tools pins the Pulumi engine so that `go build` resolves it from go.mod and go.sum.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
