//! The order in which SQL Server sorts identifiers, which is the order of rows without `$orderby`.

use uuid::Uuid;

/// A key whose byte order is SQL Server's `uniqueidentifier` order: the last six bytes count first, then
/// the fourth group, then the first three groups, each from its least significant byte.
pub(crate) fn sql_server_key(id: Uuid) -> [u8; 16] {
    let stored = id.to_bytes_le();
    [10, 11, 12, 13, 14, 15, 8, 9, 6, 7, 4, 5, 0, 1, 2, 3].map(|byte: usize| stored[byte])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_group_counts_first() {
        let mut ids = [
            Uuid::from_u128(0x00000000_0000_0000_0000_000000000002),
            Uuid::from_u128(0xffffffff_ffff_ffff_ffff_000000000001),
            Uuid::from_u128(0x01000000_0000_0000_0000_000000000002),
            Uuid::from_u128(0x00000001_0000_0000_0000_000000000002),
        ];
        ids.sort_by_key(|id| sql_server_key(*id));
        let first_group: Vec<u32> = ids.iter().map(|id| id.as_fields().0).collect();
        assert_eq!(first_group, [0xffff_ffff, 0, 0x0100_0000, 1]);
    }
}
