//! Text → ids.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, StringViewArray};

use super::column::wrong;
use crate::snapshot::Guid;

/// The ids of a column, as far as it was read.
pub(super) struct Ids {
    ids: Vec<Guid>,
    dictionary: Option<Dictionary>,
}

/// A dictionary of the file, and what those of its texts are that were asked for; null for the others,
/// which may be anything.
struct Dictionary {
    texts: ArrayRef,
    ids: Vec<Guid>,
}

impl Ids {
    pub(super) fn with_capacity(rows: usize) -> Ids {
        Ids {
            ids: Vec::with_capacity(rows),
            dictionary: None,
        }
    }

    pub(super) fn finish(self) -> Vec<Guid> {
        self.ids
    }

    /// Takes the next values. The error is to be said after the column's name.
    pub(super) fn add(&mut self, array: &ArrayRef) -> Result<(), String> {
        if let Some(texts) = array.as_string_view_opt() {
            self.add_texts(texts)
        } else if let Some(keys) = array.as_dictionary_opt() {
            self.add_keys(keys)
        } else {
            Err(wrong(array, "text with GUIDs"))
        }
    }

    fn add_texts(&mut self, texts: &StringViewArray) -> Result<(), String> {
        for text in texts {
            self.ids.push(text.map_or(Ok(Guid::NULL), id)?);
        }
        Ok(())
    }

    /// Looks at each text of a dictionary once, however often it comes.
    fn add_keys(&mut self, array: &DictionaryArray<Int32Type>) -> Result<(), String> {
        let mut known = match self.dictionary.take() {
            Some(known) if Arc::ptr_eq(&known.texts, array.values()) => known,
            _ => Dictionary {
                texts: Arc::clone(array.values()),
                ids: vec![Guid::NULL; array.values().len()],
            },
        };
        let texts = known.texts.as_string::<i32>();
        for key in array.keys() {
            let id = match key {
                None => Guid::NULL,
                Some(key) => {
                    let key = usize::try_from(key).unwrap_or(usize::MAX);
                    let known = known.ids.get_mut(key);
                    let known = known.ok_or("has a key that is not in its dictionary")?;
                    if known.is_null() {
                        *known = id(texts.value(key))?;
                    }
                    *known
                }
            };
            self.ids.push(id);
        }
        self.dictionary = Some(known);
        Ok(())
    }
}

fn id(text: &str) -> Result<Guid, String> {
    Guid::parse(text).ok_or_else(|| format!("holds {text:.40?}, which is no GUID"))
}
