"""`cdsl import FILE.stan`, as a person calls it."""

import cdsl

PROGRAM = """
data {
  int<lower=0> N;
  vector[N] y;
}
parameters {
  real<lower=0> lambda;
  simplex[3] w;
  array[2] real<lower=0, upper=1 - w[1]> share;
}
model { y ~ normal(0, lambda); }
"""


def test_the_spec_goes_to_standard_output_and_compiles(run_cdsl, tmp_path):
    (tmp_path / "model.stan").write_text(PROGRAM)
    ran = run_cdsl("import", "model.stan")
    assert ran.rc == 0
    assert ran.stderr == "model.stan: `lambda` is `lambda_` here\n"
    assert "share:   interval(0, 1 - w[0])[2]" in ran.stdout
    assert cdsl.loads(ran.stdout).Model(y=[1.0, 2.0]).N == 2
    assert run_cdsl("import", "-", stdin=PROGRAM).stdout == ran.stdout


def test_a_file_is_written_whole_and_not_over_another(run_cdsl, tmp_path):
    (tmp_path / "model.stan").write_text(PROGRAM)
    assert run_cdsl("import", "model.stan", "-o", "model.cdsl").rc == 0
    assert run_cdsl("check", "model.cdsl").rc == 0
    again = run_cdsl("import", "model.stan", "-o", "model.cdsl")
    assert (again.rc, "replace it with `--force`" in again.stderr) == (2, True)
    assert run_cdsl("import", "model.stan", "-o", "model.cdsl", "--force").rc == 0


def test_what_has_no_counterpart_is_told_with_its_line(run_cdsl, tmp_path):
    (tmp_path / "model.stan").write_text("parameters {\n  real x;\n  complex z;\n}\n")
    ran = run_cdsl("import", "model.stan")
    assert (ran.rc, ran.stdout) == (1, "x: real\n")
    assert ran.stderr.startswith("model.stan:3: error[E901]: ")


def test_a_file_that_is_not_there(run_cdsl):
    ran = run_cdsl("import", "nothing.stan")
    assert (ran.rc, ran.stdout) == (1, "")
    assert ran.stderr.startswith("nothing.stan: error[E002]: cannot read")
