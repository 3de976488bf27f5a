"""What users of other tools asked for or complained of, and the test that holds it here: one that is renamed or gone fails."""

import re
from pathlib import Path

import pytest

HELD = {
    "pytorch#167645, export of cached values": "torch_features: a_model_is_exported_saved_and_loaded",
    "pytorch#69413, copies and averages": "at_home: pytorch_69413_an_average_of_a_copy_trains",
    "ray#23894, geotorch#6, pickles": "at_home: ray_23894_and_geotorch_6_a_pickle_is_loaded_where_its_class_is_not",
    "pytorch#180968, init that does nothing": "at_home: pytorch_180968_what_sets_a_value_sets_it_or_raises",
    "pytorch#115744, compile": "torch_features: a_model_compiles_to_one_graph_with_the_values_and_gradients_of_eager",
    "pytorch#157452, parameters made later": "at_home: pytorch_157452_no_parameter_is_made_after_the_module",
    "pytorch#117275, pyro#3201, attributes of parameters": "at_home: pytorch_117275_and_pyro_3201_nothing_hangs_on_a_parameter",
    "pytorch#130810, #144045, FSDP": "distributed: both_processes_find_that",
    "pytorch#18254, #28441, saturated maps": "laws: 6_a_gradient_is_zero_only_where_the_true_one_underflows",
    "pytorch#97106, slow imports": "layers: torch_is_imported_by_the_runtime_the_laws_migrate_and_live_alone",
    "pytorch-minimize#13, #40, bounds": "at_home: pytorch_minimize_13_and_40_bounded_optimizers_get_the_box_and_reach_it",
    "pyro#2763, numpyro#241, stanc3#695, bounds that depend": (
        "language: assigning_a_parent_moves_what_depends_on_it_unless_that_is_named_too"
    ),
    "gpytorch#620, stan#537, values outside": "laws: 2_what_lies_outside_is_refused_by_contains_and_explained_by_violation",
    "gpytorch#629, #1481, starts": "laws: a_start_is_inside_its_domain_and_survives_in_every_transform_and_dtype",
    "gpytorch#1305, whole bounds": "language: a_large_whole_number_is_a_number",
    "gpytorch#689, freezing": "language: frozen_means_constant_and_part_of_no_flat_vector",
    "gpytorch#1169, some entries": "held: log_det_is_that_of_the_entries_that_are_learned",
    "gpytorch#2550, botorch#1874, state": (
        "at_home: gpytorch_2550_and_botorch_1874_every_state_is_loaded_strictly_before_and_after_use"
    ),
    "botorch#2542, constraints not enforced": "import_torch: a_constraint_that_is_not_enforced_is_one_here",
    "stanc3#93, comments of a formatter": "format: comments_stay_wherever_they_stand",
    "pyro#3438, frozen that trains": "at_home: pyro_3438_what_is_frozen_stays_so_through_every_copy",
    "torch.optim, decay": (
        "at_home: weight_decay_pulls_every_domain_to_what_raw_0_stands_for_and_no_decay_does_not"
    ),
    "Muon": "at_home: muon_takes_no_vectors_and_moves_rows_of_raw_by_the_gradients_of_others",
}  # fmt: skip


@pytest.mark.parametrize("asked", HELD)
def test_what_was_asked_for_is_held_by_a_test_that_is_there(asked):
    name, _, test = HELD[asked].partition(": ")
    text = Path(__file__).with_name(f"test_{name}.py").read_text(encoding="utf-8")
    assert re.search(rf"^def test_{test}\(", text, re.MULTILINE)
