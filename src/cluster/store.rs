//! Objects of one kind, as the API server last told them.

use super::slim::Object;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// By namespace (empty for kinds without one), then by name.
type Objects<K> = HashMap<String, BTreeMap<String, Arc<K>>>;

/// Read by passes, written by one watch.
#[derive(Debug)]
pub struct Store<K> {
    objects: RwLock<Objects<K>>,
    /// A whole list has been taken in.
    listed: AtomicBool,
    /// The resource version up to which this store knows everything.
    known: AtomicU64,
    /// The API server does not know the kind.
    unserved: AtomicBool,
}

/// An object before and after. At least one of the two is there.
#[derive(Debug)]
pub struct Moved<K> {
    pub old: Option<Arc<K>>,
    pub new: Option<Arc<K>>,
}

impl<K> Default for Store<K> {
    fn default() -> Self {
        Self {
            objects: RwLock::default(),
            listed: AtomicBool::new(false),
            known: AtomicU64::new(0),
            unserved: AtomicBool::new(false),
        }
    }
}

impl<K> Store<K> {
    /// An object of a kind that lives in namespaces.
    pub fn get(&self, namespace: &str, name: &str) -> Option<Arc<K>> {
        self.read().get(namespace)?.get(name).cloned()
    }

    /// An object of a kind that lives in no namespace.
    pub fn named(&self, name: &str) -> Option<Arc<K>> {
        self.get("", name)
    }

    /// All objects of a namespace, by name.
    pub fn list(&self, namespace: &str) -> Vec<Arc<K>> {
        self.read().get(namespace).map(|objects| objects.values().cloned().collect()).unwrap_or_default()
    }

    /// All objects, in no order of namespaces.
    pub fn all(&self) -> Vec<Arc<K>> {
        self.read().values().flat_map(|objects| objects.values().cloned()).collect()
    }

    pub fn len(&self) -> usize {
        self.read().values().map(BTreeMap::len).sum()
    }

    pub fn is_empty(&self) -> bool {
        self.read().is_empty()
    }

    /// Whether a first list is in. Before that, an object not found may well exist.
    pub fn is_listed(&self) -> bool {
        self.listed.load(Ordering::Acquire)
    }

    /// Whether the API server knows the kind. Told with the first list.
    pub fn is_served(&self) -> bool {
        !self.unserved.load(Ordering::Acquire)
    }

    pub(super) fn serve(&self, served: bool) {
        self.unserved.store(!served, Ordering::Release);
    }

    /// The resource version up to which every change is in this store.
    pub fn known(&self) -> u64 {
        self.known.load(Ordering::Acquire)
    }

    pub(super) fn know(&self, version: u64) {
        self.known.fetch_max(version, Ordering::AcqRel);
    }

    fn read(&self) -> RwLockReadGuard<'_, Objects<K>> {
        self.objects.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Objects<K>> {
        self.objects.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Object> Store<K> {
    /// Takes the object in. None when it was known in this very version.
    pub(super) fn put(&self, object: K) -> Option<Moved<K>> {
        let (namespace, name) = key(&object);
        let new = Arc::new(object);
        let old = self.write().entry(namespace).or_default().insert(name, new.clone());
        let same = |old: &Arc<K>| {
            !new.resource_version().is_empty()
                && old.resource_version() == new.resource_version()
                && old.uid() == new.uid()
        };
        if old.as_ref().is_some_and(same) { None } else { Some(Moved { old, new: Some(new) }) }
    }

    /// Forgets the object. None when it was not known.
    pub(super) fn remove(&self, namespace: &str, name: &str) -> Option<Moved<K>> {
        let mut objects = self.write();
        let siblings = objects.get_mut(namespace)?;
        let old = siblings.remove(name)?;
        if siblings.is_empty() {
            objects.remove(namespace);
        }
        Some(Moved { old: Some(old), new: None })
    }

    /// A list is complete: forgets all that was not in it.
    pub(super) fn keep_only(&self, seen: &HashSet<(String, String)>) -> Vec<Moved<K>> {
        let gone: Vec<_> =
            self.all().iter().map(|object| key(object.as_ref())).filter(|key| !seen.contains(key)).collect();
        self.listed.store(true, Ordering::Release);
        gone.iter().filter_map(|(namespace, name)| self.remove(namespace, name)).collect()
    }
}

impl<K: Object> Moved<K> {
    /// The object as it is, or was before it went.
    pub fn object(&self) -> Option<&Arc<K>> {
        self.new.as_ref().or(self.old.as_ref())
    }

    /// Namespace (empty if none) and name.
    pub fn key(&self) -> (&str, &str) {
        self.object().map(|object| (object.namespace(), object.name())).unwrap_or_default()
    }
}

/// Namespace (empty if none) and name.
pub(super) fn key<K: Object>(object: &K) -> (String, String) {
    (object.namespace().to_owned(), object.name().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cluster::slim::Namespace;
    use serde_json::json;

    fn object(name: &str, version: &str) -> Namespace {
        serde_json::from_value(json!({"metadata": {"name": name, "uid": name, "resourceVersion": version}})).unwrap()
    }

    #[test]
    fn tells_what_moved() {
        let store = Store::default();
        let first = store.put(object("a", "1")).unwrap();
        assert!(first.old.is_none() && first.new.is_some());
        assert!(store.put(object("a", "1")).is_none(), "the same version is no change");
        let second = store.put(object("a", "2")).unwrap();
        assert_eq!(second.old.unwrap().meta.resource_version(), "1");
        let last = store.remove("", "a").unwrap();
        assert!(last.new.is_none());
        assert_eq!(last.key(), ("", "a"));
        assert!(store.remove("", "a").is_none());
        assert!(store.is_empty());
    }

    #[test]
    fn a_complete_list_forgets_the_rest() {
        let store = Store::default();
        store.put(object("a", "1"));
        store.put(object("b", "2"));
        assert!(!store.is_listed());
        let gone = store.keep_only(&HashSet::from([(String::new(), "b".to_owned())]));
        assert!(store.is_listed());
        assert_eq!(gone.iter().map(Moved::key).collect::<Vec<_>>(), [("", "a")]);
        assert_eq!(store.all().iter().map(|o| o.meta.name().to_owned()).collect::<Vec<_>>(), ["b"]);
    }
}
