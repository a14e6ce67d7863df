//! Every row of the table, every pair of rows after one another, and random histories.

use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::article::{AbsoluteUrl, Piece};

const NOW: i64 = 1_790_000_000;
const DAY: i64 = 86_400;

fn at(seconds: i64) -> Moment {
    Moment::at(Timestamp::from_unix(seconds).unwrap())
}

fn now() -> Timestamp {
    Timestamp::from_unix(NOW).unwrap()
}

/// The fingerprint of an article whose whole text is `text`.
fn print(text: &str) -> Fingerprint {
    let url = AbsoluteUrl::parse("https://a.example/b/").unwrap();
    Fingerprint::of(&Piece::stand_in(url, text))
}

fn seen(published: Option<Moment>, updated: Option<Moment>, text: &str) -> Sighting {
    Sighting {
        declared: Declared { published, updated },
        fingerprint: print(text),
        body_known: true,
        git: None,
        adopted: None,
    }
}

/// What is remembered after `sighting` was judged as `verdict`.
fn remember(sighting: &Sighting, verdict: &Verdict) -> Memory {
    Memory {
        declared: sighting.declared,
        fingerprint: sighting.fingerprint,
        dates: verdict.dates.clone(),
    }
}

fn first_sight(sighting: &Sighting) -> Verdict {
    judge(None, sighting, now(), Trust::Content)
}

fn then(before: &Sighting, after: &Sighting) -> Verdict {
    let memory = remember(before, &first_sight(before));
    judge(Some(&memory), after, now(), Trust::Content)
}

fn answer(verdict: &Verdict) -> (Option<Moment>, Rule, Evidence) {
    (verdict.dates.modified, verdict.rule, verdict.dates.evidence)
}

const PUBLISHED: i64 = NOW - 100 * DAY;
const UPDATED: i64 = NOW - 50 * DAY;
const LATER: i64 = NOW - 10 * DAY;

fn published() -> Option<Moment> {
    Some(at(PUBLISHED))
}

#[test]
fn row_1_the_origins_word_is_taken_at_first_sight() {
    let verdict = first_sight(&seen(published(), Some(at(UPDATED)), "a"));
    assert_eq!(
        answer(&verdict),
        (Some(at(UPDATED)), Rule::FirstDeclared, Evidence::Declared)
    );
    // An article with nothing but a date of change has that.
    let verdict = first_sight(&seen(None, Some(at(UPDATED)), "a"));
    assert_eq!(verdict.dates.modified, Some(at(UPDATED)));
}

#[test]
fn row_1_a_date_in_the_future_or_before_publication_is_ignored_and_reported() {
    let verdict = first_sight(&seen(published(), Some(at(NOW + 1)), "a"));
    assert_eq!(
        answer(&verdict),
        (published(), Rule::FirstPublished, Evidence::Published)
    );
    assert_eq!(verdict.ignored, Some(Ignored::Future));
    let verdict = first_sight(&seen(published(), Some(at(PUBLISHED - 1)), "a"));
    assert_eq!(verdict.dates.modified, published());
    assert_eq!(verdict.ignored, Some(Ignored::BeforePublication));
}

#[test]
fn row_1_changed_on_the_day_of_publication_is_no_contradiction() {
    let midnight = Timestamp::from_unix(PUBLISHED - PUBLISHED % DAY).unwrap();
    let day = Moment::on(NaiveDate::from_ymd_opt(2026, 6, 13).unwrap(), midnight);
    let verdict = first_sight(&seen(published(), Some(day), "a"));
    assert_eq!(
        (verdict.dates.modified, verdict.ignored),
        (published(), None)
    );
}

#[test]
fn row_1_what_the_site_gave_before_counts_unless_the_origin_knows_of_a_later_change() {
    let with = |adopted, updated| {
        answer(&first_sight(&Sighting {
            adopted,
            ..seen(published(), updated, "a")
        }))
    };
    let (adopted, declared) = (
        (Rule::FirstAdopted, Evidence::Adopted),
        (Rule::FirstDeclared, Evidence::Declared),
    );
    let decided = |(modified, rule, evidence)| (modified, (rule, evidence));
    assert_eq!(
        decided(with(Some(at(LATER)), None)),
        (Some(at(LATER)), adopted)
    );
    assert_eq!(
        decided(with(Some(at(LATER)), Some(at(UPDATED)))),
        (Some(at(LATER)), adopted)
    );
    assert_eq!(
        decided(with(Some(at(UPDATED)), Some(at(LATER)))),
        (Some(at(LATER)), declared)
    );
    // The stamp of a build under a clock that ran ahead.
    assert_eq!(
        decided(with(Some(at(NOW + 1)), Some(at(UPDATED)))),
        (Some(at(UPDATED)), declared)
    );
}

#[test]
fn row_2_git_speaks_where_the_origin_is_silent() {
    let git = Sighting {
        git: Some(at(UPDATED)),
        ..seen(published(), None, "a")
    };
    assert_eq!(
        answer(&first_sight(&git)),
        (Some(at(UPDATED)), Rule::FirstGit, Evidence::Git)
    );
    let early = Sighting {
        git: Some(at(PUBLISHED - DAY)),
        ..git
    };
    let verdict = first_sight(&early);
    assert_eq!(
        verdict.dates.modified,
        published(),
        "written before it was published"
    );
    assert_eq!(verdict.dates.evidence, Evidence::Published);
}

#[test]
fn row_3_publication_is_the_last_resort() {
    let verdict = first_sight(&seen(published(), None, "a"));
    assert_eq!(
        answer(&verdict),
        (published(), Rule::FirstPublished, Evidence::Published)
    );
}

#[test]
fn row_4_unknown_is_an_answer() {
    let verdict = first_sight(&seen(None, None, "a"));
    assert_eq!(
        answer(&verdict),
        (None, Rule::FirstUnknown, Evidence::Unknown)
    );
}

#[test]
fn row_4_a_date_that_comes_later_is_taken_as_at_first_sight() {
    let verdict = then(&seen(None, None, "a"), &seen(published(), None, "a"));
    assert_eq!(
        answer(&verdict),
        (published(), Rule::FirstPublished, Evidence::Published)
    );
    let verdict = then(&seen(None, None, "a"), &seen(None, None, "b"));
    assert_eq!(
        answer(&verdict),
        (Some(at(NOW)), Rule::ObservedChange, Evidence::Observed)
    );
}

#[test]
fn row_5_nothing_changed() {
    let article = seen(published(), Some(at(UPDATED)), "a");
    let verdict = then(&article, &article);
    assert_eq!(
        answer(&verdict),
        (Some(at(UPDATED)), Rule::Unchanged, Evidence::Declared)
    );
}

#[test]
fn row_6_a_touch_moves_nothing_unless_the_operator_trusts_it() {
    let before = seen(published(), Some(at(UPDATED)), "a");
    let after = seen(published(), Some(at(LATER)), "a");
    let verdict = then(&before, &after);
    assert_eq!(
        answer(&verdict),
        (Some(at(UPDATED)), Rule::TouchedOnly, Evidence::Declared)
    );
    let memory = remember(&before, &first_sight(&before));
    let trusted = judge(Some(&memory), &after, now(), Trust::Declared);
    assert_eq!(
        answer(&trusted),
        (Some(at(LATER)), Rule::DeclaredChange, Evidence::Declared)
    );
}

#[test]
fn row_7_without_a_text_the_origins_word_is_all_there_is() {
    let bodiless = |updated| Sighting {
        body_known: false,
        ..seen(published(), updated, "a")
    };
    let before = bodiless(Some(at(UPDATED)));
    let verdict = then(&before, &bodiless(Some(at(LATER))));
    assert_eq!(
        answer(&verdict),
        (Some(at(LATER)), Rule::DeclaredUnseen, Evidence::Declared)
    );
    let back = then(&before, &bodiless(Some(at(UPDATED - DAY))));
    assert_eq!(
        answer(&back),
        (Some(at(UPDATED)), Rule::TouchedOnly, Evidence::Declared)
    );
    let future = then(&before, &bodiless(Some(at(NOW + DAY))));
    assert_eq!(future.dates.modified, Some(at(UPDATED)));
    assert_eq!(future.ignored, Some(Ignored::Future));
}

#[test]
fn row_8_a_change_with_a_date_has_that_date() {
    let before = seen(published(), Some(at(UPDATED)), "a");
    let verdict = then(&before, &seen(published(), Some(at(LATER)), "b"));
    assert_eq!(
        answer(&verdict),
        (Some(at(LATER)), Rule::DeclaredChange, Evidence::Declared)
    );
    // The first date of change that an origin ever declares counts too.
    let verdict = then(
        &seen(published(), None, "a"),
        &seen(published(), Some(at(LATER)), "b"),
    );
    assert_eq!(verdict.rule, Rule::DeclaredChange);
}

#[test]
fn row_9_a_change_without_a_usable_date_is_dated_by_sight() {
    let before = seen(published(), Some(at(UPDATED)), "a");
    for updated in [
        Some(at(UPDATED)),
        Some(at(UPDATED - DAY)),
        None,
        Some(at(NOW + DAY)),
    ] {
        let verdict = then(&before, &seen(published(), updated, "b"));
        assert_eq!(
            answer(&verdict),
            (Some(at(NOW)), Rule::ObservedChange, Evidence::Observed),
            "{updated:?}"
        );
    }
}

#[test]
fn a_publication_moved_past_the_last_change_takes_its_place() {
    let before = seen(published(), Some(at(UPDATED)), "a");
    let verdict = then(&before, &seen(Some(at(LATER)), Some(at(UPDATED)), "a"));
    assert_eq!(verdict.dates.modified, Some(at(LATER)));
    assert_eq!(verdict.dates.evidence, Evidence::Published);
}

/// Sightings that take each of the rows 5 to 9, whatever came before.
fn steps(i: i64) -> [(&'static str, Sighting); 5] {
    let base = seen(published(), Some(at(UPDATED)), "a");
    let touched = seen(published(), Some(at(LATER + i)), "a");
    [
        ("same", base),
        ("touched", touched),
        (
            "touched, no text",
            Sighting {
                body_known: false,
                ..touched
            },
        ),
        ("edited, dated", seen(published(), Some(at(LATER + i)), "b")),
        ("edited, undated", seen(published(), None, "c")),
    ]
}

#[test]
fn every_pair_of_steps_keeps_the_promises() {
    let first = seen(published(), Some(at(UPDATED)), "a");
    for (name, one) in steps(0) {
        for (next, two) in steps(1) {
            let mut memory = remember(&first, &first_sight(&first));
            let mut before = memory.dates.modified;
            for (i, step) in [one, two].iter().enumerate() {
                let now = Timestamp::from_unix(NOW + i as i64).unwrap();
                let verdict = judge(Some(&memory), step, now, Trust::Content);
                promises(
                    &memory,
                    step,
                    &verdict,
                    now,
                    &format!("{name}, then {next}"),
                );
                assert!(verdict.dates.modified >= before, "{name}, then {next}");
                before = verdict.dates.modified;
                memory = remember(step, &verdict);
            }
        }
    }
}

/// What must hold of any step.
fn promises(memory: &Memory, step: &Sighting, verdict: &Verdict, now: Timestamp, what: &str) {
    let (before, after) = (memory.dates.modified, verdict.dates.modified);
    if let (Some(published), Some(modified)) = (verdict.dates.published, after) {
        assert!(
            modified.instant() >= published.instant(),
            "before publication: {what}"
        );
    }
    if let Some(modified) = after
        && verdict
            .dates
            .published
            .is_none_or(|published| published.instant() <= now)
    {
        assert!(modified.instant() <= now, "in the future: {what}");
    }
    let same = memory.fingerprint == step.fingerprint;
    let same_publication = memory.dates.published == verdict.dates.published;
    if same && step.body_known && same_publication && before.is_some() {
        assert_eq!(after, before, "moved without a change: {what}");
    }
    assert!(after >= before, "went back: {what}");
}

fn moments() -> impl Strategy<Value = Option<Moment>> {
    prop_oneof![
        1 => Just(None),
        4 => (NOW - 200 * DAY..NOW + 20 * DAY).prop_map(|seconds| Some(at(seconds))),
    ]
}

fn sightings() -> impl Strategy<Value = Sighting> {
    (moments(), moments(), 0..3_u8, any::<bool>()).prop_map(
        |(published, updated, text, body_known)| Sighting {
            body_known,
            ..seen(published, updated, &text.to_string())
        },
    )
}

proptest! {
    #[test]
    fn random_histories_keep_the_promises(
        history in prop::collection::vec((sightings(), 1..5 * DAY), 1..12)
    ) {
        let mut memory: Option<Memory> = None;
        let mut clock = NOW - 60 * DAY;
        for (step, passed) in history {
            clock += passed;
            let now = Timestamp::from_unix(clock).unwrap();
            let verdict = judge(memory.as_ref(), &step, now, Trust::Content);
            if let Some(memory) = &memory {
                // A publication that lay ahead may be moved; until it comes nobody sees it.
                let hidden = memory.dates.published.is_some_and(|p| p.instant() > now);
                if !hidden {
                    promises(memory, &step, &verdict, now, "random");
                }
            }
            memory = Some(remember(&step, &verdict));
        }
    }
}
