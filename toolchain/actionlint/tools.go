//go:build tools

// Package tools pins actionlint so that `go build` resolves it from go.mod and go.sum.
package tools

import _ "github.com/rhysd/actionlint/cmd/actionlint"
