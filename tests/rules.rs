#[test]
fn embedded() {
    let set = clearance::rules::load(&clearance::rules::packs::embedded()).unwrap_or_else(|e| panic!("{e}"));
    assert_eq!(set.packs.len(), 3);
}
