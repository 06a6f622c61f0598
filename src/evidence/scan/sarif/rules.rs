//! The rules of one run: those of its driver, and those of its extensions, where CodeQL and others put them.

use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use std::collections::BTreeMap;

pub struct Rules<'a> {
    /// Those of the driver, then those of its extensions.
    components: Vec<Vec<Node<'a>>>,
    /// Name or guid -> the component.
    named: BTreeMap<&'a str, usize>,
    /// Identifier -> where it is declared.
    declared: BTreeMap<&'a str, Declared>,
    /// Guid -> the rule.
    by_guid: BTreeMap<&'a str, Place>,
}

/// The component, and the rule in it.
type Place = (usize, usize);

struct Declared {
    anywhere: Seen,
    in_component: BTreeMap<usize, Seen>,
}

/// The first rule of an identifier, and whether others of it are the same.
#[derive(Clone, Copy)]
struct Seen {
    first: Place,
    alike: bool,
}

/// What a result goes by.
pub struct Told<'a, 'r> {
    /// The result's own word for it, else the rule's.
    pub id: &'a str,
    /// None when no rule that is declared has this identifier.
    pub rule: Option<&'r Node<'a>>,
}

impl<'a> Rules<'a> {
    /// Reads the rules of a tool.
    ///
    /// # Errors
    /// `Shape` where a component or its list of rules is none.
    pub fn of(tool: &Node<'a>) -> Result<Self, EvidenceError> {
        let (components, named) = (Vec::new(), BTreeMap::new());
        let mut all = Self { components, named, declared: BTreeMap::new(), by_guid: BTreeMap::new() };
        let driver = tool.need("driver", "an object")?;
        for (place, component) in std::iter::once(driver).chain(tool.items_of("extensions")?).enumerate() {
            for key in ["guid", "name"] {
                if let Some(name) = component.text_of(key)? {
                    all.named.entry(name).or_insert(place);
                }
            }
            all.components.push(component.items_of("rules")?);
        }
        all.declare();
        Ok(all)
    }

    fn declare(&mut self) {
        for (component, rules) in self.components.iter().enumerate() {
            for (nth, rule) in rules.iter().enumerate() {
                let place = (component, nth);
                let text = |key| rule.get(key).and_then(|text| text.text().ok());
                if let Some(guid) = text("guid") {
                    self.by_guid.entry(guid).or_insert(place);
                }
                let Some(id) = text("id") else { continue };
                let first = Seen { first: place, alike: true };
                let new = || Declared { anywhere: first, in_component: BTreeMap::new() };
                let declared = self.declared.entry(id).or_insert_with(new);
                for seen in [&mut declared.anywhere, declared.in_component.entry(component).or_insert(first)] {
                    let (component, nth) = seen.first;
                    seen.alike &= self.components[component][nth].value() == rule.value();
                }
            }
        }
    }

    pub fn is_empty(&self) -> bool {
        self.components.iter().all(Vec::is_empty)
    }

    /// The rule of a result. Its place among the rules is only a hint when it is named, too: older Grype and others
    /// write 0 for each.
    ///
    /// # Errors
    /// `Shape` for a result without a name whose rule is not where it says.
    pub fn of_result(&self, result: &Node<'a>) -> Result<Told<'a, '_>, EvidenceError> {
        let reference = result.get("rule");
        let named = match (result.text_of("ruleId")?, &reference) {
            (Some(id), _) => Some(id),
            (None, Some(reference)) => reference.text_of("id")?,
            (None, None) => None,
        };
        let guid = reference.as_ref().map(|rule| rule.text_of("guid")).transpose()?.flatten();
        if let Some(rule) = guid.and_then(|guid| self.at(*self.by_guid.get(guid)?)) {
            let id = named.map_or_else(|| rule.need("id", "a rule's name")?.text(), Ok)?;
            return Ok(Told { id, rule: Some(rule) });
        }
        let component = self.component(reference.as_ref())?;
        let index = reference.as_ref().and_then(|rule| place(rule, "index")).or_else(|| place(result, "ruleIndex"));
        let indexed = match (component, &index) {
            (Some(component), Some(index)) => {
                self.at((component, usize::try_from(index.count()?).unwrap_or(usize::MAX)))
            }
            (None, _) | (_, None) => None,
        };
        match (named, indexed, index) {
            (Some(id), Some(rule), _) if self.may_be(id, rule.text_of("id")?) => Ok(Told { id, rule: Some(rule) }),
            (Some(id), _, _) => Ok(Told { id, rule: self.declaring(id, component) }),
            (None, Some(rule), _) => Ok(Told { id: rule.need("id", "a rule's name")?.text()?, rule: Some(rule) }),
            (None, None, Some(index)) if component.is_some() => Err(index.wrong("the place of a rule")),
            (None, None, _) => Err(result.wrong("a result with a ruleId")),
        }
    }

    /// The driver unless another is named; none when nothing has that name.
    fn component(&self, reference: Option<&Node<'a>>) -> Result<Option<usize>, EvidenceError> {
        let Some(named) = reference.and_then(|rule| rule.get("toolComponent")) else {
            return Ok(Some(0));
        };
        if let Some(index) = place(&named, "index") {
            let after_driver = usize::try_from(index.count()?).unwrap_or(usize::MAX).saturating_add(1);
            let extension = Some(after_driver).filter(|place| *place < self.components.len());
            return extension.map(Some).ok_or_else(|| index.wrong("the place of an extension"));
        }
        let name = match named.text_of("guid")? {
            Some(guid) => Some(guid),
            None => named.text_of("name")?,
        };
        Ok(match name {
            Some(name) => self.named.get(name).copied(),
            None => Some(0),
        })
    }

    /// Whether the rule where a result points to can be the one that it names.
    fn may_be(&self, id: &str, rule: Option<&str>) -> bool {
        rule.is_some_and(|rule| rule == id || extends(id, rule) && !self.declared.contains_key(id))
    }

    /// The rule that an identifier is of, or extends: in this component, else in any. None also where it is declared
    /// in several ways, of which the mildest would be a guess.
    fn declaring(&self, id: &str, component: Option<usize>) -> Option<&Node<'a>> {
        let mut ids = std::iter::successors(Some(id), |id| id.rsplit_once('/').map(|(wider, _)| wider));
        let declared = ids.find_map(|id| self.declared.get(id))?;
        let here = component.and_then(|component| declared.in_component.get(&component));
        let seen = here.unwrap_or(&declared.anywhere);
        self.at(seen.first).filter(|_| seen.alike)
    }

    fn at(&self, (component, nth): Place) -> Option<&Node<'a>> {
        self.components.get(component)?.get(nth)
    }
}

/// `id/sub` extends `id`.
fn extends(id: &str, rule: &str) -> bool {
    id.strip_prefix(rule).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A place in a list; -1 stands for none.
fn place<'a>(node: &Node<'a>, key: &str) -> Option<Node<'a>> {
    node.get(key).filter(|place| place.value().as_i64() != Some(-1))
}
