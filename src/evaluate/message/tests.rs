//! What people do to a message when they paste it, and what must not be taken for one.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::documented::DOCUMENTED;
use super::*;
use crate::rules::RuleSet;

/// The shipped rules' symptoms, and what is documented besides.
fn texts() -> Vec<String> {
    let rules: RuleSet =
        crate::rules::load(&crate::rules::packs::embedded()).expect("the shipped rules are good");
    let symptoms = rules.rules.into_iter().flat_map(|rule| rule.symptoms);
    let documented = DOCUMENTED.iter().flat_map(|entry| entry.texts);
    symptoms
        .chain(documented.map(|text| (*text).to_owned()))
        .collect()
}

thread_local! {
    static TEXTS: Vec<String> = texts();
    static KNOWN: KnownTexts = TEXTS.with(|texts| KnownTexts::new(texts.iter().map(String::as_str)));
}

fn recognised(message: &str) -> Vec<String> {
    KNOWN.with(|known| {
        let recognised = known.recognise(message);
        recognised
            .texts
            .iter()
            .map(|one| known.text(*one).to_owned())
            .collect()
    })
}

/// The known text that stands for this one.
fn known(text: &str) -> String {
    KNOWN.with(|known| known.text(known.position(text).expect("it is known")).to_owned())
}

fn any_text() -> impl Strategy<Value = String> {
    any::<Index>().prop_map(|index| TEXTS.with(|texts| index.get(texts).clone()))
}

#[test]
fn every_documented_text_given_verbatim_is_itself_and_no_other() {
    for text in TEXTS.with(Clone::clone) {
        assert_eq!(recognised(&text), [known(&text)], "{text}");
    }
}

#[test]
fn every_message_of_the_shipped_rules_has_a_meaning_and_a_page() {
    let meant = KnownTexts::new(DOCUMENTED.iter().flat_map(|entry| entry.texts).copied());
    let without: Vec<String> = TEXTS.with(|texts| {
        let mut without = texts.clone();
        without.retain(|text| meant.position(text).is_none());
        without
    });
    // What it means is what its rule asks for.
    assert_eq!(without, ["Your device is currently unsupported."]);
    for entry in &DOCUMENTED {
        assert!(entry.source.starts_with("https://"), "{}", entry.source);
        let sentences = entry.unseen.iter().flat_map(|unseen| [unseen.what, unseen.look]);
        for sentence in sentences.chain([entry.means]) {
            assert!(sentence.ends_with('.') && !sentence.contains("  "), "{sentence}");
        }
    }
}

#[test]
fn a_privilege_is_named_and_does_not_tell_messages_apart() {
    let message = "You don't have required privilege (prvReadQueue), which limits certain functionality.";
    let read = KNOWN.with(|known| known.recognise(message));
    assert_eq!(read.privileges, ["prvreadqueue"]);
    let other = message.replace("prvReadQueue", "prvSomethingElse");
    assert_eq!(recognised(&other), recognised(message));
    // What the platform itself says is no documented message, and names one all the same.
    let platform = "Principal user (Id=3c678ce5, type=8) is missing prvReadContact privilege (Id=b5f2ee06)";
    let read = KNOWN.with(|known| known.recognise(platform));
    assert_eq!(
        (read.texts, read.privileges),
        (vec![], vec!["prvreadcontact".to_owned()])
    );
}

#[test]
fn the_common_beginning_of_two_messages_is_both() {
    let both = recognised(
        "We can't load this app because your email account isn't configured with Dynamics 365 server-side sync for",
    );
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(
        both.iter().all(|text| text.starts_with("We can't load this app")),
        "{both:?}"
    );
    let one = recognised(
        "We can't load this app because your email account isn't configured with Dynamics 365 server-side sync for appointm",
    );
    assert_eq!(one.len(), 1, "{one:?}");
    assert!(one[0].contains("appointments"));
}

#[test]
fn a_message_may_end_within_any_word_of_a_text() {
    for cut in ["didn't load co", "It didn't load completel"] {
        assert_eq!(recognised(cut), ["didn't load completely"], "{cut}");
    }
    // Another word is no beginning of that one.
    assert_eq!(recognised("didn't load contacts"), [""; 0]);
}

#[test]
fn a_first_sentence_is_enough() {
    let found = recognised("Maria says: You haven't been authorized to use this app. (and nothing else)");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with("update your settings."), "{found:?}");
}

#[test]
fn two_pasted_messages_are_both_found() {
    let not_authorized = "You haven't been authorized to use this app. Check with your system administrator to update your settings.";
    let rejected = "Crm : IncomingEmailRejected";
    let found = recognised(&format!(
        "First: {not_authorized}\n\nLater, in the admin centre: {rejected}"
    ));
    assert_eq!(found, [not_authorized, rejected]);
}

#[test]
fn what_comes_near_is_offered_and_not_claimed() {
    let message =
        "You haven't been allowed to open this application; ask your system administrator to update it.";
    let read = KNOWN.with(|known| known.recognise(message));
    assert_eq!(read.texts, [0_usize; 0]);
    let nearest = KNOWN.with(|known| read.nearest.map(|one| known.text(one).to_owned()));
    assert!(nearest.is_some_and(|text| text.starts_with("You haven't been authorized")));
}

#[test]
fn ordinary_sentences_are_no_message() {
    for message in [
        "",
        "   \n\t",
        "?!…—",
        "\u{0}\u{1b}[31m\u{7}",
        "\u{202e}שלום עולם\u{202c}",
        "The app does not work.",
        "Please contact your administrator.",
        "Pending",
        "Outlook crashed when I opened the settings of my email account",
        "An unexpected error occurred. Contact your system administrator for help with Dynamics 365.",
    ] {
        assert_eq!(recognised(message), [""; 0], "{message:?}");
    }
}

#[test]
fn a_hundred_kilobytes_are_read_like_any_other_text() {
    let message = "You haven't been authorized to use this app. Check with your system administrator to update your settings.";
    let noise = "lorem 3f2504e0-4f89-11d3-9a0c-0305e82c3301 ipsum dolor ".repeat(1000);
    assert_eq!(recognised(&format!("{noise}{message}{noise}")), [message]);
    assert_eq!(recognised(&"x".repeat(100_000)), [""; 0]);
    assert_eq!(recognised(&"\u{301}".repeat(50_000)), [""; 0]);
}

/// Punctuation and white space as other keyboards, mailers and screens give them.
fn disguised(text: &str, upper: bool, style: usize) -> String {
    let text = match style {
        0 => text.replace('\'', "\u{2019}").replace('"', "\u{201c}"),
        1 => text.replace('\'', "").replace(['.', ',', '"'], ""),
        2 => text.replace(' ', "\r\n"),
        _ => text
            .replace(' ', "\u{a0} \t")
            .replace('\'', "`")
            .replace('.', "\u{2026}!"),
    };
    if upper {
        text.to_uppercase()
    } else {
        text.to_lowercase()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_text_survives_case_space_quotes_and_punctuation(text in any_text(), upper: bool, style in 0_usize..4) {
        prop_assert_eq!(recognised(&disguised(&text, upper, style)), [known(&text)]);
    }

    #[test]
    fn a_text_survives_being_cut_off(text in any_text(), percent in 60_usize..100) {
        let length = text.chars().count();
        let cut: String = text.chars().take((length * percent).div_ceil(100)).collect();
        let found = recognised(&cut);
        prop_assert!(found.contains(&known(&text)), "{:?}: {:?}", cut, found);
    }

    #[test]
    fn a_text_survives_what_stands_around_it(
        text in any_text(),
        before in "(Error: |\\[[0-9]{2}:[0-9]{2}\\] |Session [0-9a-f]{8}-[0-9a-f]{4}: |Hi team, ){0,2}",
        after in "( \\(code [0-9]{3,6}\\)| Thanks, Maria| [0-9a-f]{12}){0,2}",
    ) {
        prop_assert_eq!(recognised(&format!("{before}{text}{after}")), [known(&text)]);
    }

    #[test]
    fn a_long_text_survives_a_slip(text in any_text(), at: Index, letter in select(vec!['x', 'q', 'e'])) {
        let mut letters: Vec<char> = text.chars().collect();
        prop_assume!(letters.len() >= 40 && !text.contains("prv"));
        let at = at.index(letters.len());
        letters.insert(at, letter);
        let slip: String = letters.into_iter().collect();
        prop_assert_eq!(recognised(&slip), [known(&text)], "{}", slip);
    }

    #[test]
    fn random_words_match_nothing(words in proptest::collection::vec("[a-z]{2,12}", 0..60)) {
        prop_assert_eq!(recognised(&words.join(" ")), Vec::<String>::new());
    }

    #[test]
    fn no_text_is_too_strange(message in "\\PC{0,200}|.{0,200}") {
        let read = KNOWN.with(|known| known.recognise(&message));
        prop_assert!(read.texts.len() <= DOCUMENTED.len() * 2);
    }
}
