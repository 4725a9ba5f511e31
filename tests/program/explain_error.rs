//! `explain --error` and `--html`: the message that somebody pasted, and the page for a ticket.

use serde_json::{Value, json};

use super::desk::{Desk, list, text, valid};
use super::offices::DOZEN;

const NOT_AUTHORIZED: &str = "You haven't been authorized to use this app. Check with your system administrator to update your settings.";

fn desk() -> Desk {
    Desk::with(&DOZEN, "contoso.snapshot")
}

fn asked(desk: &Desk, user: &str, message: &str) -> Value {
    let ran = desk.good([
        "explain",
        "contoso.snapshot",
        "--json",
        "--user",
        user,
        "--error",
        message,
    ]);
    assert_eq!(ran.err, "");
    valid("explanation-1.schema.json", &ran.out)
}

/// What is told of the message: the block below the verdict.
fn told(desk: &Desk, user: &str, message: &str) -> String {
    let ran = desk.good(["explain", "contoso.snapshot", "--user", user, "--error", message]);
    assert_eq!(ran.err, "");
    let mut blocks = ran.out.split("\n\n");
    let block = blocks.find(|block| block.starts_with("Asked about: "));
    block.unwrap_or_else(|| panic!("{}", ran.out)).to_owned()
}

/// The rules of the causes that explain the message.
fn explaining(explanation: &Value) -> Vec<&str> {
    let causes = list(explanation, "causes").iter();
    let explaining = causes.filter(|cause| cause["explains_error"] == true);
    explaining.map(|cause| text(cause, "rule")).collect()
}

#[test]
fn the_privilege_that_opens_the_app_explains_the_message_however_it_is_pasted() {
    let desk = desk();
    for message in [
        NOT_AUTHORIZED,
        "Error:\r\nyou haven’t been authorised to use this app — check with your system administrator to upd",
        "Maria (id 3f2504e0-4f89) says it reads YOU HAVENT BEEN AUTHORIZED TO USE THIS APP!!",
    ] {
        let explanation = asked(&desk, "Carla Sandoval", message);
        assert_eq!(explaining(&explanation), ["prvUseOfficeApps"], "{message}");
        assert_eq!(explanation["unexplained"], Value::Null);
        assert_eq!(text(&explanation["message"], "text"), message);
        assert_eq!(
            text(&explanation["message"]["documented"][0], "text"),
            NOT_AUTHORIZED
        );
    }
    assert_eq!(
        told(&desk, "Carla Sandoval", NOT_AUTHORIZED),
        "\
Asked about: “You haven't been authorized to use this app. Check with your system administrator to
             update your settings.”
  The app turned the user away. Documented causes: the privilege prvUseOfficeApps (Use Dynamics 365
  App for Outlook) is missing, or the app's security role or privileges in it. Only of
  prvUseOfficeApps do the sources say that it alone is enough to cause it.
  For this user, it is explained by number 1 below.
  Source: https://learn.microsoft.com/dynamics365/outlook-app/deploy-dynamics-365-app-for-outlook
          (read 2026-11-23)"
    );
}

/// Of the guide's 24, no source says that one alone causes it.
#[test]
fn what_the_sources_name_only_together_may_explain_it() {
    let desk = desk();
    let block = told(&desk, "Diego Okafor", NOT_AUTHORIZED);
    assert!(
        block.contains("\n  For this user, it may be explained by number 1 below.\n"),
        "{block}"
    );
    let explanation = asked(&desk, "Diego Okafor", NOT_AUTHORIZED);
    assert!(explaining(&explanation).contains(&"prvReadMailbox"));
    assert_eq!(explanation["unexplained"], Value::Null);
}

#[test]
fn nothing_explains_a_message_to_someone_ready() {
    let desk = desk();
    let explanation = asked(&desk, "Adele Vance", NOT_AUTHORIZED);
    assert_eq!(explanation["verdict"], "ready");
    assert_eq!(explanation["unexplained"], NOT_AUTHORIZED);
    let block = told(&desk, "Adele Vance", NOT_AUTHORIZED);
    let (_, end) = block
        .split_once("alone is enough to cause it.\n")
        .expect("what it means");
    assert!(
        end.starts_with(
            "  Nothing that can be seen from here explains it: nothing at all stands in this user's way. The\n  sources \
             give no other cause. What has changed since "
        ),
        "{end}"
    );
    // Where the sources name causes that nothing here can see, those are told.
    let message = "We can't load this app because your email account isn't configured with Dynamics 365 server-side sync \
                   for incoming email.";
    let explanation = asked(&desk, "Adele Vance", message);
    assert_eq!(explanation["unexplained"], message);
    let hidden = list(&explanation["message"], "cannot_be_seen");
    assert_eq!(hidden.len(), 1);
    assert!(text(&hidden[0], "what").contains("added last from another environment"));
    let block = told(&desk, "Adele Vance", message);
    assert!(
        block.contains(
            "\n  What cannot be seen from here, and the sources give as a cause:\n   - The app in the user's Outlook may \
             have been added last from another environment, where the"
        ),
        "{block}"
    );
}

#[test]
fn a_message_that_names_a_privilege_is_about_that_one() {
    let desk = desk();
    let message = |name: &str| {
        format!("You don't have required privilege ({name}), which limits certain functionality.")
    };
    // Bruno holds the guide's 24 and nothing else.
    let explanation = asked(&desk, "Bruno Wilber", &message("PrvReadUser"));
    assert_eq!(explaining(&explanation), ["prvReadUser"]);
    let named = |name: &str, held: &str| json!([{ "name": name, "held": held, "path": null }]);
    assert_eq!(explanation["message"]["privileges"], named("prvReadUser", "no"));

    let explanation = asked(&desk, "Bruno Wilber", &message("prvReadQueue"));
    assert_eq!(explaining(&explanation), [""; 0]);
    assert_eq!(text(&explanation, "unexplained"), message("prvReadQueue"));
    let path = "role \"Contoso Outlook Pilot\" (copy in West) ← assigned to the user";
    assert_eq!(
        explanation["message"]["privileges"],
        json!([{ "name": "prvReadQueue", "held": "yes", "path": path }])
    );
    let block = told(&desk, "Bruno Wilber", &message("prvReadQueue")).replace("\n  ", " ");
    assert!(
        block.contains(&format!(
            "The message names `prvReadQueue`, which the user holds, by {path}."
        )),
        "{block}"
    );

    // What nobody asked the environment about.
    let platform = "Principal user (Id=3c678ce5, type=8) is missing prvReadGoal privilege (Id=1f1a2b)";
    let explanation = asked(&desk, "Bruno Wilber", platform);
    assert_eq!(
        explanation["message"]["privileges"],
        named("prvreadgoal", "not-collected")
    );
    assert_eq!(explanation["message"]["documented"], json!([]));
    let block = told(&desk, "Bruno Wilber", platform);
    assert!(
        block.contains("\n  This is none of the documented messages, but it names a privilege.\n"),
        "{block}"
    );
}

#[test]
fn no_role_explains_its_own_message() {
    let message = "You don't have the required role or privilege to complete this action. Please contact your administrator to get necessary access.";
    let explanation = asked(&desk(), "Isaiah Langer", message);
    assert_eq!(explaining(&explanation), ["user-has-a-role"]);
}

#[test]
fn a_message_that_is_not_documented_is_said_to_be_none() {
    let desk = desk();
    let explanation = asked(&desk, "Carla Sandoval", "The sky is falling on my mailbox");
    assert_eq!(explaining(&explanation), [""; 0]);
    assert_eq!(explanation["unexplained"], "The sky is falling on my mailbox");
    assert_eq!(explanation["message"]["nearest"], Value::Null);
    assert_eq!(
        told(&desk, "Carla Sandoval", "The sky is falling on my mailbox"),
        "\
Asked about: “The sky is falling on my mailbox”
  This is none of the documented messages. What stands in this user's way is told below all the
  same.
  Nothing that stands in this user's way explains it."
    );
    let near =
        "You haven't been allowed to open this application; ask your system administrator to update it.";
    let explanation = asked(&desk, "Carla Sandoval", near);
    assert_eq!(explanation["message"]["nearest"], NOT_AUTHORIZED);
    assert_eq!(explaining(&explanation), [""; 0]);
    let block = told(&desk, "Carla Sandoval", near);
    assert!(
        block.contains("\n  Was it this one? “You haven't been authorized to use this app."),
        "{block}"
    );
}

#[test]
fn no_message_is_too_strange() {
    let desk = desk();
    let long = format!("{} {NOT_AUTHORIZED}", "lorem ipsum dolor sit amet ".repeat(3_700));
    for message in [
        "",
        "--help",
        "\u{1b}[31m\u{7}\u{202e}",
        "\u{202b}لقد حدث خطأ ما\u{202c}",
        "<script>alert(1)</script>",
        &long,
    ] {
        let ran = desk.good([
            "explain",
            "contoso.snapshot",
            "--user",
            "Carla Sandoval",
            "--error",
            message,
            "--html",
            "page.html",
        ]);
        assert!(
            !ran.out.contains(['\u{1b}', '\u{7}', '\u{202e}', '\u{202b}']),
            "{}",
            ran.out
        );
        assert!(ran.out.contains("\nBLOCKED: the app will not work.\n"));
        let page = desk.read("page.html");
        assert!(!page.contains("<script"), "{page}");
        assert!(page.len() < 60_000, "{} bytes", page.len());
    }
    assert_eq!(
        explaining(&asked(&desk, "Carla Sandoval", &long)),
        ["prvUseOfficeApps"]
    );
}

#[test]
fn the_page_says_what_the_terminal_says() {
    let desk = desk();
    let user = ["explain", "contoso.snapshot", "--user", "Diego Okafor"];
    let ran = desk.good(
        user.into_iter()
            .chain(["--html", "diego.html", "--error", NOT_AUTHORIZED]),
    );
    assert!(
        ran.out
            .contains("Role \"Dynamics 365 App for Outlook User\" stays with team \"Outlook West\"")
    );
    let page = desk.read("diego.html");
    for part in [
        "<h1 id=\"headline\"><bdi>Diego Okafor</bdi></h1>",
        "<bdi>You haven&#x27;t been authorized to use this app.",
        "For this user, it may be explained by number 1 below.",
        "<h3>Role &quot;Dynamics 365 App for Outlook User&quot; stays with team &quot;Outlook West&quot;</h3>",
        "<span class=\"step-kind\">Copy in</span><bdi>West</bdi>",
        "<span class=\"step-note\">team privileges only</span>",
        "default-src &#x27;none&#x27;; style-src &#x27;sha256-",
    ] {
        assert!(page.contains(part), "{part}\n{page}");
    }
    // To standard output, alone; a second result has no place there.
    let piped = desk.good(user.into_iter().chain(["--html", "-", "--error", NOT_AUTHORIZED]));
    assert_eq!(piped.out, page);
    let ran = desk.run(user.into_iter().chain(["--html", "-", "--json"]));
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (2, "error: two reports cannot both go to standard output (`-`)\n")
    );
    let ran = desk.run(user.into_iter().chain(["--html", "nowhere/page.html"]));
    assert_eq!(
        (ran.code, ran.err.as_str()),
        (
            2,
            "error: cannot write `nowhere/page.html`: the folder `nowhere` does not exist\nhint: name a file in a folder \
             that exists and that you may write to\n"
        )
    );
    assert_eq!(ran.out, "");
}
