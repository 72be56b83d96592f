package execute_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cowasm/cowasm/internal/action"
	"github.com/cowasm/cowasm/internal/digest"
	"github.com/cowasm/cowasm/internal/event"
	"github.com/cowasm/cowasm/internal/execute"
	"github.com/cowasm/cowasm/internal/label"
	"github.com/cowasm/cowasm/internal/store"
	"github.com/cowasm/cowasm/internal/tree"
)

var (
	modelCases = flag.Int("model_cases", 400, "number of random graphs that TestModel builds again and again")
	modelSeed  = flag.Uint64("model_seed", 0, "if not 0, the seed of the only graph")
)

// TestModel builds random graphs after random changes, and compares each build
// with a model that knows what each step makes and when it has to be executed.
// To look into a failure, run it with the -model_seed that it prints.
func TestModel(t *testing.T) {
	if *modelSeed != 0 {
		newModel(t, *modelSeed).run()
		return
	}
	for i := range *modelCases {
		newModel(t, uint64(i)+1).run()
		if t.Failed() {
			t.Fatalf("-model_seed=%d", i+1)
		}
	}
}

// TestModelLosing is TestModel with a store that loses blobs while builds are
// under way. They must not notice, but for the time that it takes.
func TestModelLosing(t *testing.T) {
	for i := range *modelCases {
		m := newModel(t, uint64(i)+1)
		m.losing = true
		m.run()
		if t.Failed() {
			t.Fatalf("with seed %d", i+1)
		}
	}
}

// A model is a random graph. Values are small, so that a change often makes no
// difference further on, which must stop the build there.
type model struct {
	t         *testing.T
	rng       *rand.Rand
	workspace string
	memory    *memory
	sources   map[string]int // values by path
	artifacts []*action.Artifact
	known     map[string]digest.Digest // the output of each execution, by what it depends on
	losing    bool                     // blobs get lost during builds

	mu       sync.Mutex
	executed []string
	lost     int // in this build
}

func newModel(t *testing.T, seed uint64) *model {
	m := &model{
		t:         t,
		rng:       rand.New(rand.NewPCG(seed, 1)),
		workspace: t.TempDir(),
		memory:    &memory{blobs: map[digest.Digest][]byte{}, results: map[digest.Digest]*action.Result{}},
		sources:   map[string]int{},
		known:     map[string]digest.Digest{},
	}
	for i := range 1 + m.rng.IntN(5) {
		path := fmt.Sprintf("s%d", i)
		m.setSource(path, m.rng.IntN(10))
		m.artifacts = append(m.artifacts, &action.Artifact{Path: path})
	}
	for i := range m.rng.IntN(20) {
		m.addStep(i)
	}
	return m
}

func (m *model) setSource(path string, value int) {
	m.sources[path] = value
	if err := os.WriteFile(filepath.Join(m.workspace, path), toyContent(path, value), 0o666); err != nil {
		m.t.Fatal(err)
	}
}

// addStep adds a step whose value is the sum of its inputs and its second
// argument, modulo its first. It fails if that is 4. Some steps make a
// directory, which holds the value in a file, and some are to be expanded.
func (m *model) addStep(i int) {
	s := &action.Step{
		Owner: label.Label{Name: fmt.Sprintf("t%d", i)}, Mnemonic: "Toy", Executor: "toy",
		Arguments: []string{fmt.Sprint(2 + m.rng.IntN(6)), fmt.Sprint(m.rng.IntN(3))},
	}
	for range m.rng.IntN(4) {
		in := m.artifacts[m.rng.IntN(len(m.artifacts))]
		s.Inputs = append(s.Inputs, action.Input{Path: fmt.Sprintf("in/%s-%d", in.Path, len(s.Inputs)), Artifact: in})
	}
	if m.rng.IntN(4) == 0 {
		s.Executor, s.Arguments = execute.Expand, append([]string{"toy"}, s.Arguments...)
	}
	out := &action.Artifact{Path: s.Owner.Name, Owner: s.Owner, Producer: s, Directory: m.rng.IntN(3) == 0}
	s.Outputs = []*action.Artifact{out}
	m.artifacts = append(m.artifacts, out)
}

// expansion returns what a step is expanded to if its inputs have the given
// sum: a step over up to three others, each of which needs those before it. It
// is an error if the sum is 5.
func expansion(s *action.Step, sum int) (*action.Step, error) {
	if sum == 5 {
		return nil, errors.New("it is 5")
	}
	body := &action.Step{
		Owner: s.Owner, Mnemonic: s.Mnemonic, Executor: "toy", Arguments: s.Arguments[1:],
		Inputs: slices.Clone(s.Inputs), Outputs: s.Outputs,
	}
	for i := range sum % 4 {
		inner := &action.Step{
			Owner: label.Label{Name: fmt.Sprintf("%s.%d", s.Owner.Name, i)}, Mnemonic: s.Mnemonic, Executor: "toy",
			Arguments: s.Arguments[1:], Inputs: slices.Clone(body.Inputs),
		}
		out := &action.Artifact{Path: inner.Owner.Name, Owner: inner.Owner, Producer: inner}
		inner.Outputs = []*action.Artifact{out}
		body.Inputs = append(body.Inputs, action.Input{Path: "in/" + out.Path, Artifact: out})
	}
	return body, nil
}

// run builds the graph and changes it, several times.
func (m *model) run() {
	for range 8 {
		m.build()
		if m.t.Failed() {
			return
		}
		switch m.rng.IntN(6) {
		case 0, 1, 2:
			m.setSource(fmt.Sprintf("s%d", m.rng.IntN(len(m.sources))), m.rng.IntN(10))
		case 3:
			if s := m.artifacts[m.rng.IntN(len(m.artifacts))].Producer; s != nil {
				s.Arguments[len(s.Arguments)-1] = fmt.Sprint(m.rng.IntN(3))
			}
		case 4:
			m.memory.lose(m.rng)
		case 5: // nothing
		}
	}
}

// A verdict is what the model says of an artifact.
type verdict struct {
	value int
	state string // "done", "failed" or "skipped"
}

// judge returns the verdict on a, and adds to run what has to be executed.
func (m *model) judge(a *action.Artifact, seen map[*action.Artifact]verdict, run *[]string) verdict {
	if v, ok := seen[a]; ok {
		return v
	}
	if a.Producer == nil {
		return verdict{m.sources[a.Path], "done"}
	}
	s := a.Producer
	v := verdict{state: "done"}
	if s.Executor == execute.Expand {
		if s, v.state = m.judgeExpansion(s, seen, run); s == nil {
			seen[a] = v
			return v
		}
	}
	key := fmt.Sprint(s.Owner, s.Arguments)
	for _, in := range s.Inputs {
		below := m.judge(in.Artifact, seen, run)
		if below.state != "done" {
			v.state = "skipped"
		}
		v.value += below.value
		key += fmt.Sprint(" ", in.Path, in.Artifact.Directory, below.value)
	}
	if v.state == "done" {
		v.value = toyValue(s.Arguments, v.value)
		if v.value == 4 {
			v.state = "failed"
		}
		if d, ok := m.known[key]; !ok || !m.memory.complete(d) {
			*run = append(*run, s.Owner.Name)
		}
	}
	seen[a] = v
	if v.state == "done" {
		m.known[key] = toyOutput(a, v.value)
	}
	return v
}

// judgeExpansion returns what s is expanded to, or nil and its state.
func (m *model) judgeExpansion(s *action.Step, seen map[*action.Artifact]verdict, run *[]string) (body *action.Step, state string) {
	sum, state := 0, "done"
	for _, in := range s.Inputs {
		below := m.judge(in.Artifact, seen, run)
		if below.state != "done" {
			state = "skipped"
		}
		sum += below.value
	}
	if state != "done" {
		return nil, state
	}
	body, err := expansion(s, sum)
	if err != nil {
		return nil, "failed"
	}
	return body, "done"
}

func toyValue(arguments []string, sum int) int {
	var modulus, plus int
	fmt.Sscan(arguments[0], &modulus)
	fmt.Sscan(arguments[1], &plus)
	return (sum + plus) % modulus
}

// toyContent returns the content of a file, which is unlike those of all others.
func toyContent(path string, value int) []byte { return fmt.Appendf(nil, "%d %s", value, path) }

// toyOutput returns the digest of what a is if it has the given value.
func toyOutput(a *action.Artifact, value int) digest.Digest {
	d := digest.Of(toyContent(a.Path, value))
	if a.Directory {
		_, d = (&tree.Directory{Entries: []tree.Entry{{Name: "value", Digest: d}}}).Encode()
	}
	return d
}

// build builds some of the artifacts and compares what comes of it.
func (m *model) build() {
	var roots []*action.Artifact
	for range 1 + m.rng.IntN(4) {
		roots = append(roots, m.artifacts[m.rng.IntN(len(m.artifacts))])
	}
	keepGoing := m.rng.IntN(4) > 0
	verdicts := map[*action.Artifact]verdict{}
	var want []string
	for _, a := range roots {
		m.judge(a, verdicts, &want)
	}
	failing := 0
	for _, v := range verdicts {
		if v.state == "failed" {
			failing++
		}
	}

	m.executed, m.lost = nil, 0
	limiter := execute.NewLimiter(1 + m.rng.IntN(4))
	o, err := execute.Run(m.t.Context(), execute.Options{
		Workspace: os.DirFS(m.workspace),
		Executor:  execute.Cache(execute.Dedup(limiter.Limit(execute.Func(m.execute))), m.memory),
		Blobs:     m.memory,
		Load:      m.memory.load,
		Expanders: map[string]execute.Expander{"toy": m.expand},
		Events:    event.Discard,
		KeepGoing: keepGoing,
	}, roots)
	if err != nil {
		m.t.Fatal(err)
	}
	if !keepGoing && failing > 0 {
		// Which of several steps fails first is open, and what else is done.
		if len(o.Failures) == 0 {
			m.t.Error("the build did not fail")
		}
		m.known = map[string]digest.Digest{}
		m.memory.results = map[digest.Digest]*action.Result{}
		return
	}
	slices.Sort(want)
	slices.Sort(m.executed)
	if diff := cmp.Diff(want, m.executed); diff != "" && m.lost == 0 {
		m.t.Errorf("executed steps: %s", diff)
	}
	m.compare(o, verdicts)
}

// compare checks what each artifact became.
func (m *model) compare(o *execute.Outcome, verdicts map[*action.Artifact]verdict) {
	states := map[string]string{}
	report := func(s *action.Step, state string) {
		if states[s.Owner.Name] != "" {
			m.t.Errorf("%s is reported twice", s.Owner)
		}
		states[s.Owner.Name] = state
	}
	for s := range o.Steps {
		report(s, "done")
	}
	for _, f := range o.Failures {
		report(f.Step, "failed")
	}
	for _, s := range o.Skipped {
		report(s.Step, "skipped")
		if states[s.Cause.Step.Owner.Name] != "failed" {
			m.t.Errorf("%s is said to be skipped because of %s, which did not fail", s.Step.Owner, s.Cause.Step.Owner)
		}
	}
	for a, want := range verdicts {
		if got := states[a.Owner.Name]; got != want.state {
			m.t.Errorf("%s is %s, want %s", a.Path, got, want.state)
		}
		if want.state != "done" || !slices.Contains(m.artifacts, a) {
			continue
		}
		out, ok := o.Output(a)
		if !ok || out.Directory != a.Directory || out.Digest != toyOutput(a, want.value) {
			m.t.Errorf("%s became %v, want the value %d", a.Path, out, want.value)
		}
	}
}

// maybeLose loses a blob now and then.
func (m *model) maybeLose() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.losing && m.lost < 3 && m.rng.IntN(3) == 0 {
		m.lost++
		m.memory.lose(m.rng)
	}
}

// sum returns the sum of the values in a tree.
func (m *model) sum(ctx context.Context, root digest.Digest) (sum int, err error) {
	err = tree.Walk(m.memory.load, root, func(p string, e tree.Entry) error {
		if e.Kind != tree.File {
			return nil
		}
		data, err := m.memory.Get(ctx, e.Digest)
		var n int
		fmt.Sscan(string(data), &n)
		sum += n
		return err
	})
	return sum, err
}

// expand is the toy expander.
func (m *model) expand(ctx context.Context, s *action.Step, root digest.Digest) (*action.Step, error) {
	m.maybeLose()
	sum, err := m.sum(ctx, root)
	if err != nil {
		return nil, err
	}
	return expansion(s, sum)
}

// execute is the toy executor.
func (m *model) execute(ctx context.Context, a *action.Action) (*action.Result, error) {
	m.mu.Lock()
	m.executed = append(m.executed, a.Owner.Name)
	m.mu.Unlock()
	m.maybeLose()
	sum, err := m.sum(ctx, a.InputRoot)
	if err != nil {
		return nil, err
	}
	value := toyValue(a.Arguments, sum)
	if value == 4 {
		return &action.Result{ExitCode: 1, Stderr: []byte("it is 4")}, nil
	}
	d, err := m.memory.Put(ctx, toyContent(a.Owner.Name, value))
	if err != nil {
		return nil, err
	}
	r := &action.Result{}
	for _, p := range a.OutputFiles {
		r.Files = append(r.Files, action.OutputFile{Path: p, Digest: d})
	}
	for _, p := range a.OutputDirs {
		b := tree.NewBuilder(m.memory.load)
		if err := b.AddFile("value", d, false); err != nil {
			return nil, err
		}
		root, err := store.PutTree(ctx, m.memory, b)
		if err != nil {
			return nil, err
		}
		dir, err := store.PutOutputDir(ctx, m.memory, m.memory.load, p, root)
		if err != nil {
			return nil, err
		}
		r.Dirs = append(r.Dirs, dir)
	}
	return r, nil
}
