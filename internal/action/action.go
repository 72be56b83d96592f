// Package action holds what a build executes and what comes of it.
//
// A Step is what analysis declares: its inputs are artifacts, whose content
// may not be known yet. Once it is, the step becomes an Action, a pure
// function of its own encoding: the Remote Execution API's Action and Command
// messages over a Merkle tree of inputs. The digest of that encoding is the
// key under which the Result is cached, locally and remotely.
package action

//lint:file-ignore SA1019 Of deprecated fields, the lists of output files and directories alone say which is which, and older servers look for the platform in Command.

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/label"
)

// Contract is the version of what an action may rely on: the WASI host, its
// clock and random source, the meaning of the fields below. It is part of
// every key and changes when an old result could differ from a new one.
const Contract = "2"

// An Artifact is a file or a directory that a build reads or makes.
type Artifact struct {
	Path      string // where actions see it unless they place it elsewhere; relative, with slashes
	Directory bool
	Owner     label.Label
	Producer  *Step // nil for a file of the workspace
}

// An Input is an artifact at the place where an action sees it.
type Input struct {
	Path     string // relative to the root of the sandbox, with slashes
	Artifact *Artifact
}

// Limits bound what an action may use. A zero field stands for the default.
type Limits struct {
	Timeout time.Duration
	Memory  int64 // bytes of linear memory
	Written int64 // bytes written to files
}

// A Step is an action whose inputs are still artifacts.
type Step struct {
	Owner    label.Label
	Mnemonic string // the kind of action, as in "CcCompile"
	Progress string // what it does, as in "compiling Python/ceval.c"

	Executor  string   // the plugin that carries it out: "wasm", "builtin"
	Arguments []string // the first names the program: a path in the sandbox, or a builtin as in "tar@1"
	Env       map[string]string
	Inputs    []Input

	// WorkingDirectory is where the program starts, which is relative to the
	// root of the sandbox and empty for the root itself. The path of a program
	// is relative to it; those of inputs and outputs are not.
	WorkingDirectory string
	Outputs          []*Artifact
	Limits           Limits

	// Scratch are paths of files that it may write besides its outputs, as a
	// compiler does. They are dropped without a word.
	Scratch []string
}

// An Action is a pure function from its inputs to its outputs.
type Action struct {
	// Owner, Mnemonic and Progress say what the action is to a user, and Scratch
	// what not to tell him. They cannot change its result and are not part of
	// its key.
	Owner    label.Label
	Mnemonic string
	Progress string
	Scratch  []string

	Executor    string
	Arguments   []string
	Env         map[string]string
	InputRoot   digest.Digest
	OutputFiles []string // relative paths, sorted
	OutputDirs  []string // relative paths, sorted
	Limits      Limits

	WorkingDirectory string // as in Step
}

// The names of platform properties.
const (
	propContract = "cowasm-contract"
	propExecutor = "cowasm-executor"
	propMemory   = "cowasm-memory"
	propWritten  = "cowasm-written"
)

// An Encoded action is its messages and its keys.
type Encoded struct {
	Key     digest.Digest // of Action
	Base    digest.Digest // of Action without the input root: what is asked, whatever the inputs are
	Action  []byte
	Command []byte
}

// Encode returns the canonical encoding of a.
func (a *Action) Encode() (Encoded, error) {
	cmd := &remoteexecution.Command{
		Arguments:        a.Arguments,
		WorkingDirectory: a.WorkingDirectory,
		OutputPaths:      slices.Sorted(slices.Values(slices.Concat(a.OutputFiles, a.OutputDirs))),
	}
	for _, name := range slices.Sorted(maps.Keys(a.Env)) {
		cmd.EnvironmentVariables = append(cmd.EnvironmentVariables,
			&remoteexecution.Command_EnvironmentVariable{Name: name, Value: a.Env[name]})
	}
	// Whether an output is a file or a directory is part of the question: the
	// deprecated lists say it, since OutputPaths does not.
	cmd.OutputFiles = slices.Sorted(slices.Values(a.OutputFiles))
	cmd.OutputDirectories = slices.Sorted(slices.Values(a.OutputDirs))

	platform := &remoteexecution.Platform{}
	property := func(name, value string) {
		platform.Properties = append(platform.Properties, &remoteexecution.Platform_Property{Name: name, Value: value})
	}
	property(propContract, Contract)
	property(propExecutor, a.Executor)
	if a.Limits.Memory != 0 {
		property(propMemory, strconv.FormatInt(a.Limits.Memory, 10))
	}
	if a.Limits.Written != 0 {
		property(propWritten, strconv.FormatInt(a.Limits.Written, 10))
	}
	cmd.Platform = platform

	marshal := proto.MarshalOptions{Deterministic: true}.Marshal
	command, err := marshal(cmd)
	if err != nil {
		return Encoded{}, fmt.Errorf("%s of %s: encoding the command: %w", a.Mnemonic, a.Owner, err)
	}
	msg := &remoteexecution.Action{
		CommandDigest: digest.Of(command).Proto(),
		Platform:      platform,
	}
	if a.Limits.Timeout != 0 {
		msg.Timeout = durationpb.New(a.Limits.Timeout)
	}
	base, err := marshal(msg)
	if err != nil {
		return Encoded{}, fmt.Errorf("%s of %s: encoding the action: %w", a.Mnemonic, a.Owner, err)
	}
	msg.InputRootDigest = a.InputRoot.Proto()
	data, err := marshal(msg)
	if err != nil {
		return Encoded{}, fmt.Errorf("%s of %s: encoding the action: %w", a.Mnemonic, a.Owner, err)
	}
	return Encoded{Key: digest.Of(data), Base: digest.Of(base), Action: data, Command: command}, nil
}

// Decode is the inverse of Encode, but for the fields that are not encoded.
func Decode(action, command []byte) (*Action, error) {
	msg := &remoteexecution.Action{}
	if err := proto.Unmarshal(action, msg); err != nil {
		return nil, fmt.Errorf("action: %w", err)
	}
	cmd := &remoteexecution.Command{}
	if err := proto.Unmarshal(command, cmd); err != nil {
		return nil, fmt.Errorf("action: command: %w", err)
	}
	if want, err := digest.FromProto(msg.CommandDigest); err != nil || want != digest.Of(command) {
		return nil, fmt.Errorf("action: the command is not the one that the action names")
	}
	root, err := digest.FromProto(msg.InputRootDigest)
	if err != nil {
		return nil, fmt.Errorf("action: input root: %w", err)
	}
	a := &Action{
		Arguments:        cmd.Arguments,
		InputRoot:        root,
		OutputFiles:      cmd.OutputFiles,
		OutputDirs:       cmd.OutputDirectories,
		WorkingDirectory: cmd.WorkingDirectory,
		Limits:           Limits{Timeout: msg.Timeout.AsDuration()},
	}
	for _, v := range cmd.EnvironmentVariables {
		if a.Env == nil {
			a.Env = map[string]string{}
		}
		a.Env[v.Name] = v.Value
	}
	for _, p := range msg.GetPlatform().GetProperties() {
		var err error
		switch p.Name {
		case propContract:
			if p.Value != Contract {
				err = fmt.Errorf("this program keeps contract %s", Contract)
			}
		case propExecutor:
			a.Executor = p.Value
		case propMemory:
			a.Limits.Memory, err = strconv.ParseInt(p.Value, 10, 64)
		case propWritten:
			a.Limits.Written, err = strconv.ParseInt(p.Value, 10, 64)
		default:
			err = fmt.Errorf("not a property that this program knows")
		}
		if err != nil {
			return nil, fmt.Errorf("action: platform property %s=%s: %w", p.Name, p.Value, err)
		}
	}
	return a, nil
}
