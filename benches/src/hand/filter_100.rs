//! The loop for `filter-100`: one look at the table of all texts for each record.

use std::sync::LazyLock;

use ottl::Status;

use super::walk::{field, filter, text, value_of};

/// The texts by their hashes, half of the places free.
struct Table {
    places: [Option<[u8; LEN]>; 256],
}

/// All texts are as long as this.
const LEN: usize = "/probe/000".len();

fn hash(text: &[u8; LEN]) -> usize {
    let [.., a, b, c, d, e, f, g, h] = *text;
    (u64::from_le_bytes([a, b, c, d, e, f, g, h]).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as usize
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut places = [None; 256];
    for i in 0..100u8 {
        let text = *b"/probe/0";
        let mut full = [b'0'; LEN];
        full[..text.len()].copy_from_slice(&text);
        full[LEN - 2] += i / 10;
        full[LEN - 1] += i % 10;
        let mut place = hash(&full);
        while places[place].is_some() {
            place = (place + 1) % 256;
        }
        places[place] = Some(full);
    }
    Table { places }
});

impl Table {
    fn holds(&self, text: &[u8]) -> bool {
        let Ok(text) = <&[u8; LEN]>::try_from(text) else { return false };
        let mut place = hash(text);
        while let Some(there) = &self.places[place] {
            if there == text {
                return true;
            }
            place = (place + 1) % 256;
        }
        false
    }
}

/// `filter-100`.
pub fn filter_100(input: &[u8], out: &mut Vec<u8>) -> Option<Status> {
    let table = &*TABLE;
    filter(input, out, |_, record| {
        let mut at = 0;
        while let Some(part) = field(record, at) {
            at = part.end;
            if part.tag == 0x32
                && let Some(value) = value_of(&record[part.content..part.end], b"http.target")
            {
                return text(value).is_some_and(|target| table.holds(target));
            }
        }
        false
    })
}

#[cfg(test)]
mod tests {
    use super::TABLE;

    #[test]
    fn the_table_holds_a_hundred_texts() {
        let held = (0..1000).filter(|i| TABLE.holds(format!("/probe/{i:03}").as_bytes())).count();
        assert_eq!(held, 100);
        assert!(TABLE.holds(b"/probe/099") && !TABLE.holds(b"/probe/9") && !TABLE.holds(b"/healthz00"));
    }
}
