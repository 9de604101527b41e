// Command s3-server serves a folder as S3 buckets, for the tests: versitygw with its POSIX backend and nothing else of its
// command line, whose other parts triple the time of the build. Credentials come from ROOT_ACCESS_KEY and ROOT_SECRET_KEY.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
)

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: s3-server 127.0.0.1:PORT FOLDER"))
	}
	// An object's metadata lie in its extended attributes and so change in one step with it: conditional writes need that.
	bucket, err := posix.New(os.Args[2], meta.XattrMeta{}, posix.PosixOpts{Concurrency: 100, CopyObjectThreshold: 5 << 30})
	fail(err)
	fail(embedgw.RunVersityGW(context.Background(), bucket, &embedgw.Config{
		RootUserAccess:    os.Getenv("ROOT_ACCESS_KEY"),
		RootUserSecret:    os.Getenv("ROOT_SECRET_KEY"),
		Region:            "us-east-1",
		Ports:             os.Args[1:2],
		MaxConnections:    1000,
		MaxRequests:       1000,
		MultipartMaxParts: 100,
		KeepAlive:         true,
		Quiet:             true,
	}))
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
