package action

//lint:file-ignore SA1019 The tests set what Encode sets.

import (
	"reflect"
	"slices"
	"testing"
	"time"

	remoteexecution "github.com/bazelbuild/remote-apis/build/bazel/remote/execution/v2"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/label"
)

var equalDigests = cmp.Comparer(func(a, b digest.Digest) bool { return a == b })

// example has a value in every field.
func example() *Action {
	return &Action{
		Owner:       label.Label{Package: "p", Name: "t"},
		Mnemonic:    "Compile",
		Progress:    "compiling x.c",
		Executor:    "wasm",
		Arguments:   []string{"bin/clang", "-c", "x.c"},
		Env:         map[string]string{"LANG": "C", "HOME": "/"},
		InputRoot:   digest.Of([]byte("root")),
		OutputFiles: []string{"out/x.d", "out/x.o"},
		OutputDirs:  []string{"out/dir"},
		Limits:      Limits{Timeout: time.Minute, Memory: 1 << 30, Written: 1 << 20},
		Scratch:     []string{"src/x.d"},

		WorkingDirectory: "src",
	}
}

func keyOf(t *testing.T, a *Action) digest.Digest {
	t.Helper()
	e, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return e.Key
}

// notHashed are the fields of Action that are no part of its key, and why.
var notHashed = map[string]string{
	"Owner":    "says to a user who wants the action; two owners may share a result",
	"Mnemonic": "says to a user what kind of action it is",
	"Scratch":  "says which files a user is not told of; they are dropped either way",
	"Progress": "says to a user what the action does",
}

// Every field is a part of the key, or listed with the reason why it is not. A
// field that is added to Action or Limits and forgotten in Encode fails here.
func TestKeyIsComplete(t *testing.T) {
	base := keyOf(t, example())
	fields := reflect.TypeFor[Action]()
	for i := range fields.NumField() {
		name := fields.Field(i).Name
		_, exempt := notHashed[name]
		value := func(a *Action) reflect.Value { return reflect.ValueOf(a).Elem().Field(i) }
		for j, change := range changes(t, name, value(example())) {
			a := example()
			change(value(a))
			if changed := keyOf(t, a) != base; changed == exempt {
				t.Errorf("change %d of field %s changes the key: %v, want %v", j, name, changed, !exempt)
			}
		}
	}
	for name := range notHashed {
		if _, ok := fields.FieldByName(name); !ok {
			t.Errorf("notHashed lists %s, which is no field", name)
		}
	}
}

// changes returns functions that change a value like v, each in another way.
func changes(t *testing.T, name string, v reflect.Value) []func(reflect.Value) {
	t.Helper()
	set := func(to any) func(reflect.Value) {
		return func(v reflect.Value) { v.Set(reflect.ValueOf(to).Convert(v.Type())) }
	}
	switch v.Interface().(type) {
	case label.Label:
		return []func(reflect.Value){set(label.Label{Package: "q", Name: "t"})}
	case digest.Digest:
		return []func(reflect.Value){set(digest.Of([]byte("other")))}
	case map[string]string:
		return []func(reflect.Value){
			set(map[string]string{}),
			set(map[string]string{"LANG": "C", "HOME": "/root"}),
			set(map[string]string{"LANG": "C", "HOME": "/", "X": ""}),
		}
	}
	switch v.Kind() {
	case reflect.String:
		return []func(reflect.Value){set(v.String() + "x"), set("")}
	case reflect.Int64:
		return []func(reflect.Value){set(v.Int() + 1), set(0)}
	case reflect.Slice:
		old := v.Interface().([]string)
		joined := []string{old[0] + " " + old[len(old)-1]}
		return []func(reflect.Value){set(append(slices.Clone(old), "x")), set(old[1:]), set(joined)}
	case reflect.Struct:
		var all []func(reflect.Value)
		for i := range v.NumField() {
			for _, change := range changes(t, name+"."+v.Type().Field(i).Name, v.Field(i)) {
				all = append(all, func(v reflect.Value) { change(v.Field(i)) })
			}
		}
		return all
	}
	t.Fatalf("field %s has the type %s, of which this test knows no other value", name, v.Type())
	return nil
}

// An output is a file or a directory, which makes a difference.
func TestKeyOfOutputKind(t *testing.T) {
	file, dir := example(), example()
	file.OutputFiles, file.OutputDirs = []string{"x"}, nil
	dir.OutputFiles, dir.OutputDirs = nil, []string{"x"}
	if keyOf(t, file) == keyOf(t, dir) {
		t.Error("an action that makes a file has the key of one that makes a directory")
	}
}

// The order in which outputs are declared makes none.
func TestKeyOfOrder(t *testing.T) {
	a := example()
	slices.Reverse(a.OutputFiles)
	if keyOf(t, a) != keyOf(t, example()) {
		t.Error("the order of the outputs is part of the key")
	}
}

// The keys that earlier versions have stored results under must stay as they
// are, or Contract must change with them.
func TestKeyIsStable(t *testing.T) {
	const want = "6f88221220afc088bfc75128bb9ce5b10ec0773566395ef49337e37db6be33dc/250"
	a := example()
	a.WorkingDirectory = "" // which they did not know
	if got := keyOf(t, a).String(); got != want {
		t.Errorf("the key is %s, was %s", got, want)
	}
}

func TestActionRoundTrip(t *testing.T) {
	bare := &Action{Executor: "wasm", Arguments: []string{"x"}, InputRoot: digest.Empty}
	for _, want := range []*Action{example(), bare} {
		want.Owner, want.Mnemonic, want.Progress, want.Scratch = label.Label{}, "", "", nil
		e, err := want.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if e.Key != digest.Of(e.Action) {
			t.Error("the key is not the digest of the message")
		}
		got, err := Decode(e.Action, e.Command)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, equalDigests); diff != "" {
			t.Error(diff)
		}
	}
}

// A text that no message can hold is an error, not a panic.
func TestEncodeInvalid(t *testing.T) {
	a := example()
	a.Arguments = []string{"\xff"}
	if _, err := a.Encode(); err == nil {
		t.Error("no error for an argument that is not UTF-8")
	}
	if _, err := (&Result{Files: []OutputFile{{Path: "\xff", Digest: digest.Empty}}}).Encode(); err == nil {
		t.Error("no error for a path that is not UTF-8")
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := example().Encode()
	if err != nil {
		t.Fatal(err)
	}
	// with returns the action after a change of its command's platform.
	with := func(name, value string) (action, command []byte) {
		cmd := &remoteexecution.Command{Platform: &remoteexecution.Platform{
			Properties: []*remoteexecution.Platform_Property{{Name: name, Value: value}}}}
		command, err := proto.Marshal(cmd)
		if err != nil {
			t.Fatal(err)
		}
		action, err = proto.Marshal(&remoteexecution.Action{
			CommandDigest: digest.Of(command).Proto(), InputRootDigest: digest.Empty.Proto(), Platform: cmd.Platform})
		if err != nil {
			t.Fatal(err)
		}
		return action, command
	}
	badRoot, err := proto.Marshal(&remoteexecution.Action{
		CommandDigest: digest.Of(nil).Proto(), InputRootDigest: &remoteexecution.Digest{Hash: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name            string
		action, command []byte
		want            string
	}{
		{"no message", []byte("\xff"), good.Command, ""},
		{"no command", good.Action, []byte("\xff"), ""},
		{"another command", good.Action, nil, "action: the command is not the one that the action names"},
		{"bad root", badRoot, nil, `action: input root: sha256 "x" has 1 characters, want 64`},
	}
	for _, p := range []struct{ name, value, want string }{
		{"cowasm-contract", "0", "action: platform property cowasm-contract=0: this program keeps contract " + Contract},
		{"cowasm-memory", "much", `action: platform property cowasm-memory=much: strconv.ParseInt: parsing "much": invalid syntax`},
		{"OSFamily", "linux", "action: platform property OSFamily=linux: not a property that this program knows"},
	} {
		action, command := with(p.name, p.value)
		tests = append(tests, struct {
			name            string
			action, command []byte
			want            string
		}{p.name, action, command, p.want})
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Decode(tt.action, tt.command)
			if err == nil || tt.want != "" && err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestResultRoundTrip(t *testing.T) {
	x, y := digest.Of([]byte("x")), digest.Of([]byte("y"))
	want := &Result{
		ExitCode: 3, Stdout: []byte("out\xff"), Stderr: []byte("err"),
		Files:    []OutputFile{{"a", x, true}, {"b", y, false}},
		Dirs:     []OutputDir{{"d", x, y}},
		Duration: 1500 * time.Millisecond,
	}
	data, err := want.Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeResult(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, equalDigests); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeResultRefuses(t *testing.T) {
	ok := digest.Empty.Proto()
	tests := []struct {
		name string
		m    *remoteexecution.ActionResult
		want string
	}{
		{"file", &remoteexecution.ActionResult{OutputFiles: []*remoteexecution.OutputFile{{Path: "f"}}},
			"action result: output f has no valid digest"},
		{"root", &remoteexecution.ActionResult{OutputDirectories: []*remoteexecution.OutputDirectory{{Path: "d", TreeDigest: ok}}},
			"action result: output d has no valid root digest"},
		{"tree", &remoteexecution.ActionResult{OutputDirectories: []*remoteexecution.OutputDirectory{{Path: "d", RootDirectoryDigest: ok}}},
			"action result: output d has no valid tree digest"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			data, err := proto.Marshal(tt.m)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := DecodeResult(data); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	if _, err := DecodeResult([]byte("\xff")); err == nil {
		t.Error("no error for what is no message")
	}
}

// What is decoded is what would be encoded.
func FuzzDecodeResult(f *testing.F) {
	r := &Result{ExitCode: 1, Files: []OutputFile{{"a", digest.Empty, true}}, Dirs: []OutputDir{{"d", digest.Empty, digest.Empty}}}
	data, err := r.Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := DecodeResult(data)
		if err != nil {
			return
		}
		again, err := r.Encode()
		if err != nil {
			t.Fatal(err)
		}
		r2, err := DecodeResult(again)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(r, r2, equalDigests); diff != "" {
			t.Error(diff)
		}
	})
}

func FuzzDecode(f *testing.F) {
	e, err := example().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(e.Command, "cowasm-memory", "17")
	f.Fuzz(func(t *testing.T, command []byte, name, value string) {
		msg := &remoteexecution.Action{
			CommandDigest: digest.Of(command).Proto(), InputRootDigest: digest.Empty.Proto(),
			Platform: &remoteexecution.Platform{Properties: []*remoteexecution.Platform_Property{{Name: name, Value: value}}},
		}
		data, err := proto.Marshal(msg)
		if err != nil {
			return
		}
		a, err := Decode(data, command)
		if err != nil {
			return
		}
		e, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		b, err := Decode(e.Action, e.Command)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := b.Encode(); err != nil || again.Key != e.Key {
			t.Errorf("%+v and %+v have other keys, %v", a, b, err)
		}
	})
}
