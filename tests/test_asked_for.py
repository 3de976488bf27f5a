"""What users of other tools asked for or complained of, and the tests that hold it here: one that is renamed or gone fails.

The rows are numbered as in the survey that they are from, 54 of them; a row without a test says why it has none.
"""

import re
from pathlib import Path

import pytest

ROWS = {
    1: ("pytorch#7313, an abstraction that can be seen", "accept: compiled_text_is_that_of_the_golden_file"),
    2: (
        "pytorch#167645, export of cached values",
        "torch_features: a_model_is_exported_saved_and_loaded",
        "module: each_value_is_computed_once",
    ),
    3: ("pytorch#69413, copies and averages", "at_home: pytorch_69413_an_average_of_a_copy_trains"),
    4: ("ray#23894, pickles", "at_home: ray_23894_and_geotorch_6_a_pickle_is_loaded_where_its_class_is_not"),
    5: ("pytorch#180968, init that does nothing", "at_home: pytorch_180968_what_sets_a_value_sets_it_or_raises"),
    6: (
        "pytorch#113415, compile and DDP",
        "distributed: both_processes_find_that",
        "processes: pytorch_113415_what_is_compiled_trains_under_ddp",
    ),
    7: (
        "pytorch#115744, #118795, #124524, compile of classes made at run time",
        "torch_features: a_model_compiles_to_one_graph_with_the_values_and_gradients_of_eager",
    ),
    8: ("pytorch#157452, parameters made later", "at_home: pytorch_157452_no_parameter_is_made_after_the_module"),
    9: (
        "pytorch#117275, attributes of parameters",
        "at_home: pytorch_117275_and_pyro_3201_nothing_hangs_on_a_parameter",
    ),
    10: (
        "pytorch#130810, raylight#5, FSDP and scalars",
        "module: a_scalar_has_raw_of_shape_1_and_a_value_without_shape",
        "processes: gradients_of_fully_shard_are_those_of_one_process",
    ),
    11: (
        "pytorch#144045, FSDP of one process and small tensors",
        "processes: pytorch_144045_one_process_that_shards_has_gradients_of_small_raws",
    ),
    12: (
        "pytorch#18254, saturated maps",
        "laws: 6_a_gradient_is_zero_only_where_the_true_one_underflows",
        "extremes: no_more_is_wrong_at_extreme_raws_than_the_page_says",
    ),
    13: (
        "pytorch#28441, the logarithm of a simplex",
        "at_home: pytorch_28441_a_dirichlet_of_a_log_simplex_has_its_gradient_where_shares_underflow",
        "vectors: log_simplex_is_the_logarithm_of_simplex_and_goes_on_where_that_ends",
    ),
    14: (
        "pytorch PR 135001, weak references between transforms",
        "laws: 7_a_formula_uses_torch_and_its_arguments_and_nothing_in_place",
        "loader: deep_copies_are_of_the_same_class_and_apart",
    ),
    15: (
        "pytorch PR 36882, pyro PR 2401, surprises of caches",
        "module: the_raw_parameters_are_leaves_and_nothing_derived_from_them_is_kept",
        "module: backward_runs_any_number_of_times",
    ),
    16: (
        "pytorch#97106, #137260, slow imports",
        "layers: torch_stays_unimported",
        "layers: torch_is_imported_by_the_runtime_the_laws_migrate_and_live_alone",
    ),
    17: (
        "geotorch#34, when it is computed",
        "module: reading_one_value_computes_that_one_alone",
        "module: each_value_is_computed_once",
    ),
    18: (
        "geotorch#6, names of classes that are gone",
        "at_home: ray_23894_and_geotorch_6_a_pickle_is_loaded_where_its_class_is_not",
    ),
    19: (
        "geotorch#15, #28, what assignment does",
        "at_home: geotorch_4_and_15_a_checkpoint_of_rounded_values_is_loaded",
        "module: what_is_assigned_is_what_is_read",
        "module: values_start_where_the_spec_says_or_at_the_neutral_value",
    ),
    20: (
        "pytorch-minimize#13, #40, bounds",
        "at_home: pytorch_minimize_13_and_40_bounded_optimizers_get_the_box_and_reach_it",
    ),
    21: ("pyro#749, #908, a value and its raw by name", "module: the_state_is_every_raw_and_the_signature"),
    22: ("pyro#2078, #2120, a plain module", "module: torch_save_loads_with_weights_only"),
    23: (
        "pyro#3201, weak references on parameters",
        "at_home: pytorch_117275_and_pyro_3201_nothing_hangs_on_a_parameter",
    ),
    24: ("pyro#2756, the constraints of Stan", "stan_import: a_parameter"),
    25: (
        "pyro#2763, numpyro#241, bounds that depend",
        "language: the_log_jacobian_is_that_of_the_flat_map",
        "language: assigning_a_parent_moves_what_depends_on_it_unless_that_is_named_too",
    ),
    26: (
        "stanc3#695, inits under bounds that depend",
        "language: unconstrain_is_the_inverse_whatever_the_leading_dimensions",
    ),
    27: (
        "numpyro#1872, stan#432, infinite bounds, of entries too",
        "scalars: infinite_bounds_in_a_spec",
        "scalars: gradients_of_entries_with_and_without_bounds_are_not_nan",
    ),
    28: (
        "numpyro#1580, shapes of transforms",
        "describe: every_domain_tells_its_shapes_by_name",
        "torch_features: shapes_and_dtypes_are_known_without_data",
    ),
    29: (
        "gpytorch#620, starts outside",
        "laws: 2_what_lies_outside_is_refused_by_contains_and_explained_by_violation",
        "module: a_value_outside_is_refused_by_parameter_index_value_and_domain",
    ),
    30: ("gpytorch#1481, starts are values", "module: values_start_where_the_spec_says_or_at_the_neutral_value"),
    31: (
        "gpytorch#629, #1463, starts by default",
        "laws: a_start_is_inside_its_domain_and_survives_in_every_transform_and_dtype",
    ),
    32: (
        "gpytorch#606, values are shown, the log-Jacobian is asked for",
        "module: repr_and_summary_are_a_table_of_the_parameters",
        "module: log_det_is_that_of_the_jacobian_from_theta_to_the_charts",
    ),
    33: ("gpytorch#1305, whole bounds", "language: a_large_whole_number_is_a_number"),
    34: (
        "gpytorch#699, botorch PR 1843, bounds and devices",
        "array_bounds: buffers_follow_the_dtype_and_are_never_rounded_twice",
        "capture: no_pass_of_a_domain_uses_the_cpu",
    ),
    35: (
        "gpytorch#689, #1131, #2364, freezing",
        "language: frozen_means_constant_and_part_of_no_flat_vector",
        "module: no_optimizer_moves_what_is_frozen",
    ),
    36: ("gpytorch#1169, some entries", "held: log_det_is_that_of_the_entries_that_are_learned"),
    37: (
        "GPflow#538, GPy#462, parameters that are one",
        "import_torch: modules_are_flattened_and_shared_parameters_are_one",
    ),
    38: (
        "gpytorch#2550, botorch#1874, state",
        "at_home: gpytorch_2550_and_botorch_1874_every_state_is_loaded_strictly_before_and_after_use",
    ),
    39: ("botorch#2542, not enforced", "import_torch: a_constraint_that_is_not_enforced_is_one_here"),
    40: (
        "GPy#814, #593, bounds that data move",
        "at_home: gpy_814_and_593_bounds_that_data_move_take_the_value_along_and_no_value_is_stuck_on_one",
        "language: values_that_do_not_fit_the_new_bounds_change_nothing",
    ),
    41: (
        "stan#537, #208, #3288, values on a bound",
        "module: a_value_outside_is_refused_by_parameter_index_value_and_domain",
    ),
    42: ("stan#3354, math#3099, sums of zero", "vectors: zero_sums_sum_to_zero", "vectors: stan"),
    43: "No transform is put on top of another domain's: a declaration has one domain, with maps that are tested as a whole.",
    44: ("pymc#747, #4129, a simplex without eps", "accuracy: simplex_sums_to_one", "accuracy: vector_inverse"),
    45: (
        "stan-dev/docs#967, domains of one's own",
        "own_domains: a_good_domain_keeps_every_law",
        "own_domains: every_law_has_a_domain_that_breaks_it",
    ),
    46: (
        "stanc3#329, #771, carets and typos",
        "reject: report_is_word_for_word_that_of_the_fixture",
        "diagnostics: marks_stand_below_wide_characters_and_labels_hang_below_marks",
    ),
    47: ("stanc3#93, #1042, comments of a formatter", "format: comments_stay_wherever_they_stand"),
    48: ("prisma#4132, a check of what was compiled", "cli: check_of_what_was_compiled"),
    49: (
        "prisma#1097, #3670, all errors at once",
        "syntax: every_bad_line_is_reported_and_every_good_line_is_read",
    ),
    50: (
        "prisma#1356, #8942, watching, many outputs, a header that says so",
        "new_watch: watch_compiles_at_every_change_of_a_spec_or_of_what_it_imports",
        "cli: compile_writes_several_specs",
        "cli: only_the_mark_makes_a_file_ours",
    ),
    51: (
        "lark#778, what was expected, in words",
        "reject: report_is_word_for_word_that_of_the_fixture",
        "asked_for: lark_778_no_report_names_a_terminal_of_the_grammar",
    ),
    52: (
        "lark#992, the time that a grammar takes",
        "syntax: lark_is_not_imported_where_tables_are_kept",
        "syntax: restored_parser_reads_what_a_built_one_reads",
    ),
    53: (
        "lark#181, trees that are deep",
        "syntax: a_declaration_at_a_limit_is_read_and_one_beyond_it_is_refused_in_one_message",
    ),
    54: (
        "pymob#185, starts under bounds that are there for safety",
        "reject: report_is_word_for_word_that_of_the_fixture",
        "reject/W301_wide_bounds.cdsl",
    ),
}

BESIDE = {
    "pyro#3438, frozen that trains": "at_home: pyro_3438_what_is_frozen_stays_so_through_every_copy",
    "pytorch#102999, keys of a state": (
        "at_home: pytorch_102999_keys_of_the_state_are_the_same_whatever_is_done_to_a_model"
    ),
    "transformers#33275, a checkpoint that does not fit": (
        "at_home: transformers_33275_a_checkpoint_that_does_not_fit_is_no_warning"
    ),
    "torch.optim, decay": (
        "at_home: weight_decay_pulls_every_domain_to_what_raw_0_stands_for_and_no_decay_does_not"
    ),
    "Muon": "at_home: muon_takes_no_vectors_and_moves_rows_of_raw_by_the_gradients_of_others",
}  # fmt: skip

HERE = Path(__file__).parent


def is_there(test):
    """Whether there is such a test, a check of two processes, or a spec that tests read."""
    name, _, function = test.partition(": ")
    if not function:
        return (HERE / name).is_file()
    start = r"@check\ndef " if name == "processes" else "^def test_"
    file = HERE / ("processes.py" if name == "processes" else f"test_{name}.py")
    return re.search(rf"{start}{function}\(", file.read_text(encoding="utf-8"), re.MULTILINE) is not None


def test_every_row_of_the_survey_has_its_tests_or_says_why_not():
    assert [*ROWS] == [*range(1, 55)]
    for number, row in ROWS.items():
        if isinstance(row, str):
            assert row.endswith("."), number
        else:
            assert len(row) > 1, number
            assert [test for test in row[1:] if not is_there(test)] == [], number


@pytest.mark.parametrize("asked", BESIDE)
def test_what_was_asked_for_beside_them_is_held_by_a_test_that_is_there(asked):
    assert is_there(BESIDE[asked])


def test_these_tests_can_fail():
    for gone in ("module: no_such_test", "processes: no_such_check", "processes: loss", "reject/W301.cdsl"):
        assert not is_there(gone)


def terminals_in(report):
    """The terminals of the grammar that its messages and helps name, outside of what is quoted."""
    grammar = (HERE.parent / "grammars" / "cdsl.lark").read_text(encoding="utf-8")
    terminals = re.findall(r"^([A-Z_]{2,})(?:\.\d+)?:", grammar, re.MULTILINE)
    said = [line for line in report.splitlines() if re.match(r"# (error|warning)\[|#   = ", line)]
    assert said
    words = re.findall(r"\b[A-Z_]{2,}\w*", re.sub(r"`[^`]*`", "", "\n".join(said)))
    return [word for word in words if word in terminals or "ANON" in word]


def test_lark_778_no_report_names_a_terminal_of_the_grammar():
    assert terminals_in("# error[E101]: expected NAME, `VIA` or __ANON_22") == ["NAME", "__ANON_22"]
    for fixture in sorted((HERE / "reject").glob("*.cdsl")):
        report = fixture.read_text(encoding="utf-8", errors="replace").partition("# ---\n")[2]
        assert terminals_in(report) == [], fixture.name
