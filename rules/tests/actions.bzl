"""What the tests of rules have in common."""

load("//rules:unittest.bzl", "analysistest", "asserts")

def actions_of(env, mnemonic):
    """Returns the actions of the target under test with the given mnemonic.

    Args:
      env: what `begin` returned.
      mnemonic: the mnemonic.
    """
    return [action for action in analysistest.target_actions(env) if action.mnemonic == mnemonic]

def action_of(env, mnemonic):
    """Returns the only action of the target under test with the given mnemonic.

    Args:
      env: what `begin` returned.
      mnemonic: the mnemonic.
    """
    actions = actions_of(env, mnemonic)
    if len(actions) != 1:
        fail("%s has %d actions %s, want one" % (analysistest.target_under_test(env).label, len(actions), mnemonic))
    return actions[0]

def paths(files):
    """Returns the paths of a list or depset of files, sorted."""
    return sorted([file.path for file in (files.to_list() if type(files) == "depset" else files)])

def mounted(action):
    """Returns the paths of the files at each place of an action that has files of another path."""
    return {place: paths(files) for place, files in action.mounts.items()}

def failure_test(message):
    """Returns the rule for tests that a target cannot be analysed, for a reason that contains `message`.

    It must be a global of its file.
    """

    def _impl(ctx):
        env = analysistest.begin(ctx)
        asserts.expect_failure(env, message)
        return analysistest.end(env)

    return analysistest.make(_impl, expect_failure = True)

def on(test, target, **attrs):
    """Returns a member of a `unittest.suite`: an analysis test of a target.

    Args:
      test: the rule.
      target: the target under test.
      **attrs: further attributes of the test.
    """
    return lambda name, tags: test(name = name, tags = tags, target_under_test = target, **attrs)
