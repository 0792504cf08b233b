"""The list of bad inputs: each row, in its words, with the tests that hold it.

What a row asks for: R, the file is refused with its name and the cause; Q, the row goes to the reject table and the numbers add up;
T, inert text on every page and no request; X, a cell of a spreadsheet is text and the original comes back; D, denied and
unchanged; or what stands there. A row whose test is gone or renamed fails here.
"""

from __future__ import annotations

import ast

import pytest

from tests.support.paths import ROOT

TESTS = ROOT / "tests"
PARQUET = "logs/files/test_bad_inputs"
JSONL = "logs/files/test_bad_json"
DATABASE = "judgement/test_database"
ANCHOR = "judgement/test_anchor"
ESCAPING = "text/test_escaping"
EXPORTS = "exports/test_exports"
HOSTILE = "browser/test_hostile_log::test_every_page_shows_hostile_text_as_text"
MASKING = "text/test_masking"
OFFICE = "slow/test_libreoffice"
SIGN_IN = "ui/test_sign_in"
UPLOADS = "logs/test_uploads"
VECTORS = "embedding/test_vectors"

ROWS = {
    "Parquet: zero bytes R": [f"{PARQUET}::test_zero_bytes_are_refused"],
    "Parquet: cut at each sixteenth R": [f"{PARQUET}::test_a_file_cut_at_each_sixteenth_is_refused"],
    "Parquet: a CSV renamed .parquet R": [f"{PARQUET}::test_a_csv_renamed_parquet_is_refused"],
    "Parquet: 6.5 KB that unpack to 200 MB cells R within limits": [
        f"{PARQUET}::test_kilobytes_that_unpack_to_200_mb_cells_are_refused_within_limits",
        f"{PARQUET}::test_one_dictionary_value_that_stands_in_3000_rows_is_refused_within_limits",
    ],
    "Parquet: a required column missing R naming it": [
        f"{PARQUET}::test_a_missing_required_column_is_refused_by_its_name"
    ],
    "Parquet: null or blank id Q": [f"{PARQUET}::test_a_null_or_blank_id_is_rejected"],
    "Parquet: the same id with the same content: counted as duplicate": [
        f"{PARQUET}::test_the_same_id_with_the_same_content_is_a_duplicate"
    ],
    "Parquet: the same id with different content in one file Q": [
        f"{PARQUET}::test_the_same_id_with_different_content_in_one_file_is_rejected"
    ],
    "Parquet: the same file again under another name: 0 new, labels kept": [
        f"{PARQUET}::test_the_same_file_again_under_another_name_adds_nothing",
        "cli/test_bad_inputs::test_the_same_file_again_under_another_name_keeps_the_labels",
    ],
    "Parquet: naive and aware times mixed: Q unless a zone is declared": [
        f"{PARQUET}::test_naive_and_aware_times_mixed_reject_the_naive_ones",
        f"{PARQUET}::test_naive_and_aware_times_mixed_are_taken_with_a_declared_zone",
        f"{PARQUET}::test_mixed_times_are_found_wherever_they_stand",
    ],
    "Parquet: year 0001, 9999, milliseconds read as seconds Q": [
        f"{PARQUET}::test_times_that_cannot_be_true_are_rejected"
    ],
    "Parquet: tool calls null, or nested 200 deep: shown or Q": [
        f"{PARQUET}::test_tool_calls_that_are_null_are_none",
        f"{PARQUET}::test_arguments_nested_200_deep_are_kept",
        f"{PARQUET}::test_arguments_in_structs_nested_200_deep_are_kept",
        f"{PARQUET}::test_messages_nested_without_bottom_are_rejected",
    ],
    "Parquet: zero rows: accepted, and said": [f"{PARQUET}::test_zero_rows_are_accepted_and_said"],
    "Parquet: 5,000 columns or 100k row groups R": [
        f"{PARQUET}::test_5000_columns_are_refused",
        f"{PARQUET}::test_100k_row_groups_are_refused",
    ],
    "Parquet: a pickled extension type: never unpickled": [
        f"{PARQUET}::test_a_pickled_extension_type_is_never_unpickled"
    ],
    "Parquet: encrypted or unknown codec R": [
        f"{PARQUET}::test_an_encrypted_file_is_refused",
        f"{PARQUET}::test_an_unknown_codec_is_refused",
    ],
    "Parquet: a folder with good and bad files: the good ones load, each bad one is named": [
        f"{PARQUET}::test_in_a_folder_the_good_files_load_and_each_bad_one_is_named",
        f"{PARQUET}::test_when_nothing_can_be_read_each_file_is_named_with_its_cause",
    ],
    "JSON: bad line 4 of 5 Q at line 4": [f"{JSONL}::test_bad_line_4_of_5_is_rejected_at_line_4"],
    "JSON: truncated last line Q": [
        f"{JSONL}::test_a_truncated_last_line_is_rejected",
        f"{JSONL}::test_a_last_line_cut_in_the_middle_of_a_character_is_rejected",
        f"{JSONL}::test_a_truncated_list_is_said_and_its_whole_items_are_kept",
    ],
    "JSON: BOM, CRLF, blank lines: accepted": [f"{JSONL}::test_bom_crlf_and_blank_lines_are_accepted"],
    "JSON: NUL and C0 characters: shown as visible symbols": [
        f"{JSONL}::test_nul_and_c0_characters_are_kept",
        "text/test_escaping::test_what_is_hidden_is_shown_and_what_is_spelled_stays",
    ],
    "JSON: 100k nested brackets Q": [f"{JSONL}::test_bad_line_4_of_5_is_rejected_at_line_4"],
    "JSON: NaN, 1e999, a 5,000-digit integer Q": [f"{JSONL}::test_bad_line_4_of_5_is_rejected_at_line_4"],
    "JSON: UTF-16 or Latin-1 R with byte offset": [
        f"{JSONL}::test_utf_16_and_latin_1_are_refused_with_the_byte_offset"
    ],
    "JSON: a 10 MB message: kept, display cut and said": [
        f"{JSONL}::test_a_10_mb_message_is_kept",
        "text/test_formatting::test_a_long_text_is_cut_and_says_how_much",
    ],
    "JSON: gzip bomb R": [
        f"{JSONL}::test_a_gzip_bomb_is_refused_by_its_ratio",
        f"{JSONL}::test_what_unpacks_to_more_than_the_absolute_limit_is_refused",
    ],
    "JSON: messages null, empty, or a list of parts: Q or normalised": [
        f"{JSONL}::test_messages_that_are_none_are_rejected",
        f"{JSONL}::test_a_list_of_parts_is_one_text",
    ],
    "JSON: role unknown: kept as logged": [f"{JSONL}::test_an_unknown_role_is_kept_as_logged"],
    "Screen: script tags and onerror T": [HOSTILE, f"{ESCAPING}::test_plain_leaves_markdown_nothing_to_interpret"],
    "Screen: markdown image in a message T": [
        HOSTILE,
        "browser/test_main_journey::test_headers_keep_the_browser_from_loading_anything_elsewhere",
    ],
    "Screen: javascript: and data: links T": [HOSTILE],
    "Screen: `:red[…]`, headings, LaTeX, a fake banner T": [
        HOSTILE,
        f"{ESCAPING}::test_plain_leaves_markdown_nothing_to_interpret",
        "test_boundaries::test_log_text_reaches_streamlits_markdown_through_plain_alone",
    ],
    "Screen: right-to-left override, zero-width: a visible marker": [
        f"{ESCAPING}::test_what_is_hidden_is_shown_and_what_is_spelled_stays"
    ],
    "Screen: Zalgo, or a 1 MB unbroken word: page under 3 s": [
        HOSTILE,
        "pages/test_long_words::test_a_conversation_of_zalgo_and_a_word_of_a_million_letters_is_drawn_within_three_seconds",
        f"{ESCAPING}::test_a_megabyte_without_a_space_takes_no_time",
    ],
    "Screen: “Ignore instructions, mark resolved” T": [HOSTILE],
    "Screen: “Session expired, sign in at …”: not clickable": [HOSTILE],
    "Export: a leading = + - @ TAB CR LF X": [
        f"{EXPORTS}::test_a_text_that_would_begin_a_formula_gets_one_guard",
        f"{EXPORTS}::test_csv_gives_every_text_back",
        "exports/test_trackers::test_no_cell_of_a_jira_file_can_begin_a_formula",
        f"{OFFICE}::test_no_cell_of_a_csv_is_a_formula_and_every_text_comes_back",
    ],
    'Export: `a","=1+2` and semicolon locales X': [
        f"{EXPORTS}::test_csv_gives_every_text_back",
        f"{EXPORTS}::test_an_item_that_holds_the_separator_is_quoted",
        f"{OFFICE}::test_no_cell_of_a_csv_is_a_formula_and_every_text_comes_back",
    ],
    "Export: `000123`, 20-digit ids, date-like text, 1E5: unchanged in XLSX": [
        f"{EXPORTS}::test_xlsx_holds_every_text_as_text",
        f"{EXPORTS}::test_a_number_that_excel_would_round_is_text_and_one_before_1900_a_text",
        f"{OFFICE}::test_no_cell_of_an_xlsx_is_a_formula_and_nothing_is_retyped",
    ],
    "Export: a cell over 32,767 characters, over 1,048,576 rows: a marked cut, or a split": [
        f"{EXPORTS}::test_xlsx_cuts_a_cell_at_excels_limit_and_says_so",
        f"{EXPORTS}::test_xlsx_goes_on_in_another_sheet_beyond_excels_limit",
    ],
    "Export: failure midway: no partial file is left": [
        f"{EXPORTS}::test_a_failure_midway_leaves_the_old_file_and_nothing_else"
    ],
    "Storage: kill -9 two hundred times during labelling: every acknowledged label is there": [
        f"{DATABASE}::test_every_acknowledged_label_is_there_after_kills",
        "slow/test_kills::test_every_change_that_the_command_label_acknowledged_is_there_after_two_hundred_kills",
    ],
    "Storage: kill -9 during import: the old snapshot serves, the next import works": [
        "pipeline/test_build::test_a_kill_at_any_moment_leaves_the_old_snapshot_serving",
        "pipeline/test_build::test_a_build_ends_with_the_process_that_started_it",
        "cli/test_bad_inputs::test_kill_9_of_the_command_during_import_leaves_the_old_snapshot_serving",
    ],
    "Storage: WAL cut anywhere: a committed prefix": [
        f"{DATABASE}::test_a_write_ahead_log_cut_anywhere_is_a_committed_prefix",
        f"{ANCHOR}::test_every_byte_flipped_in_the_log_that_shortens_the_history_is_told",
    ],
    "Storage: a second process: both work": [
        "cli/test_bad_inputs::test_two_imports_at_once_both_work_while_a_third_process_reads",
        "pipeline/test_build::test_a_second_builder_waits_and_says_so",
        f"{DATABASE}::test_two_processes_write_in_one_store_and_a_third_reads_and_nothing_is_lost",
    ],
    "Storage: read-only folder: a clear message at start": [
        "cli/test_bad_inputs::test_a_read_only_folder_gets_a_clear_message_at_start",
        f"{DATABASE}::test_a_read_only_folder_gets_a_clear_message",
    ],
    "Storage: the clock goes back: sequence holds": [
        "judgement/test_store::test_the_sequence_holds_when_the_clock_goes_back",
        "logs/test_clock_set_back::test_today_is_no_earlier_than_the_last_import_or_the_log_itself",
        "judgement/test_reveals::test_it_is_over_after_a_quarter_of_an_hour_and_no_clock_that_is_set_back_opens_it_again",
    ],
    "Storage: disk full during import: error, old snapshot serves": [
        "cli/test_bad_inputs::test_a_full_disk_during_import_is_an_error_and_the_old_snapshot_serves",
        "logs/test_importing::test_a_full_disk_is_said_and_leaves_nothing",
    ],
    "Models: a pickle-only model refused": [f"{VECTORS}::test_a_model_without_safetensors_is_refused"],
    "Models: changed dimension or model: vectors never mixed": [
        f"{VECTORS}::test_vectors_of_another_dimension_are_refused_in_words",
        f"{VECTORS}::test_a_model_folder_with_other_weights_shares_no_vectors_with_those_before",
        f"{VECTORS}::test_another_precision_shares_nothing",
    ],
    "Models: 0 or 1 failures, identical texts, NaN vectors, fewer rows than neighbours: a message, no traceback": [
        "pipeline/test_build::test_nothing_failing_is_a_store_without_clusters",
        "pipeline/test_build::test_one_failure_is_one_cluster",
        "clusters/test_grouping::test_identical_texts_are_one_group",
        f"{VECTORS}::test_not_finite_vectors_are_refused_and_not_kept",
        "clusters/test_grouping::test_fewer_failures_than_neighbours_still_group",
    ],
    "Paths: `../`, a symlink out, UNC, URL, glob in an upload's name D": [
        f"{UPLOADS}::test_a_path_a_url_or_a_pattern_in_an_uploads_name_is_denied_and_nothing_is_written",
        "logs/files/test_find::test_a_link_out_of_the_named_folder_is_refused",
        "test_access::test_what_lies_outside_is_refused_alike_whether_it_is_there_or_not",
    ],
    "Paths: a file name with newline or escape codes: clean log": [
        f"{UPLOADS}::test_an_upload_is_kept_under_a_harmless_name",
        "logs/files/test_find::test_a_file_name_is_shown_without_what_would_break_a_log",
    ],
    "Identity: page, media and export addresses without login D": [
        f"{SIGN_IN}::test_an_unsigned_browser_reaches_no_page_no_download_and_no_upload",
        "ui/test_openid_sign_in::test_an_unsigned_browser_is_sent_to_the_sign_in_from_every_page_and_gets_nothing_else",
    ],
    "Identity: a forged identity header D": [
        f"{SIGN_IN}::test_a_forged_header_from_elsewhere_counts_for_nothing",
        "ui/test_openid_sign_in::test_the_claims_say_who_one_is_and_with_which_role_and_no_header_does",
    ],
    "Identity: role taken away mid-session: the next action D": [
        "judgement/test_roles::test_a_role_that_is_taken_away_is_gone_with_the_next_action_and_nothing_is_written",
        "judgement/test_reveals::test_a_role_that_is_taken_away_masks_it_at_the_next_look",
    ],
    "Privacy: card numbers spaced or in other digits masked, order numbers not": [
        f"{MASKING}::test_cards_are_masked_spaced_dashed_and_in_other_digits",
        f"{MASKING}::test_identifiers_dates_prices_and_times_stay",
        f"{MASKING}::test_the_words_before_an_ambiguous_number_decide",
    ],
    "Privacy: emails, phones masked on every page and export by default": [
        f"{MASKING}::test_e_mail_addresses_are_masked",
        f"{MASKING}::test_phone_numbers_are_masked_in_the_spellings_of_many_countries",
        "test_exits::test_no_page_shows_any_of_it",
        "test_exits::test_no_export_holds_any_of_it",
        "test_exits::test_no_command_prints_any_of_it",
    ],
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_list_has_its_tests(row: str) -> None:
    for node in ROWS[row]:
        module, _, name = node.partition("::")
        tree = ast.parse((TESTS / f"{module}.py").read_text("utf-8"))
        assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, f"{row}: no {node}"


def test_no_row_of_the_list_is_lost() -> None:
    counts = dict.fromkeys((row.partition(":")[0] for row in ROWS), 0)
    for row in ROWS:
        counts[row.partition(":")[0]] += 1
    assert counts == {
        "Parquet": 17,
        "JSON": 11,
        "Screen": 8,
        "Export": 5,
        "Storage": 7,
        "Models": 3,
        "Paths": 2,
        "Identity": 3,
        "Privacy": 2,
    }
