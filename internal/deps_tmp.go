package internal

import (
	_ "github.com/bazelbuild/buildtools/build"
	_ "github.com/bazelbuild/buildtools/edit"
	_ "github.com/bazelbuild/buildtools/warn"
	_ "github.com/bmatcuk/doublestar/v4"
	_ "github.com/google/go-cmp/cmp"
	_ "github.com/google/osv-scalibr/clients/datasource"
	_ "github.com/package-url/packageurl-go"
	_ "github.com/rogpeppe/go-internal/lockedfile"
	_ "github.com/rogpeppe/go-internal/testscript"
	_ "github.com/spf13/cobra"
	_ "github.com/tetratelabs/wazero"
	_ "github.com/ulikunitz/xz"
	_ "go.starlark.net/starlark"
	_ "go.starlark.net/starlarkstruct"
	_ "go.starlark.net/starlarktest"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/sync/singleflight"
	_ "golang.org/x/sys/unix"
	_ "golang.org/x/term"
)
