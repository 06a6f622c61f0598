//! The rules of one run: those of its driver, and those of its extensions, where CodeQL and others put them.

use crate::evidence::EvidenceError;
use crate::evidence::node::Node;
use std::collections::BTreeMap;

pub struct Rules<'a> {
    /// The driver, then its extensions.
    components: Vec<Component<'a>>,
    /// Name or guid -> the component.
    named: BTreeMap<&'a str, usize>,
    /// Identifier -> the first component that declares it.
    declared: BTreeMap<&'a str, usize>,
}

struct Component<'a> {
    rules: Vec<Node<'a>>,
    by_id: BTreeMap<&'a str, usize>,
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
        let mut all = Self { components: Vec::new(), named: BTreeMap::new(), declared: BTreeMap::new() };
        let driver = tool.need("driver", "an object")?;
        for (place, component) in std::iter::once(driver).chain(tool.items_of("extensions")?).enumerate() {
            for key in ["guid", "name"] {
                if let Some(name) = component.text_of(key)? {
                    all.named.entry(name).or_insert(place);
                }
            }
            let read = Component::of(&component)?;
            for id in read.by_id.keys() {
                all.declared.entry(*id).or_insert(place);
            }
            all.components.push(read);
        }
        Ok(all)
    }

    pub fn is_empty(&self) -> bool {
        self.components.iter().all(|component| component.rules.is_empty())
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
        let component = self.component(reference.as_ref())?;
        let index = reference.as_ref().and_then(|rule| place(rule, "index")).or_else(|| place(result, "ruleIndex"));
        let indexed = match (component, &index) {
            (Some(component), Some(index)) => {
                component.rules.get(usize::try_from(index.count()?).unwrap_or(usize::MAX))
            }
            (None, _) | (_, None) => None,
        };
        match (named, indexed, index) {
            (Some(id), Some(rule), _) if rule.text_of("id")?.is_some_and(|rule| extends(id, rule)) => {
                Ok(Told { id, rule: Some(rule) })
            }
            (Some(id), _, _) => Ok(Told { id, rule: self.declaring(id, component) }),
            (None, Some(rule), _) => Ok(Told { id: rule.need("id", "a rule's name")?.text()?, rule: Some(rule) }),
            (None, None, Some(index)) if component.is_some() => Err(index.wrong("the place of a rule")),
            (None, None, _) => Err(result.wrong("a result with a ruleId")),
        }
    }

    /// The driver unless another is named; none when nothing has that name.
    fn component(&self, reference: Option<&Node<'a>>) -> Result<Option<&Component<'a>>, EvidenceError> {
        let Some(named) = reference.and_then(|rule| rule.get("toolComponent")) else {
            return Ok(self.components.first());
        };
        if let Some(index) = place(&named, "index") {
            let after_driver = usize::try_from(index.count()?).unwrap_or(usize::MAX).saturating_add(1);
            let extension = self.components.get(after_driver);
            return extension.map(Some).ok_or_else(|| index.wrong("the place of an extension"));
        }
        let name = match named.text_of("guid")? {
            Some(guid) => Some(guid),
            None => named.text_of("name")?,
        };
        Ok(match name {
            Some(name) => self.named.get(name).and_then(|place| self.components.get(*place)),
            None => self.components.first(),
        })
    }

    /// The rule that an identifier is of, or extends: in this component, else in any.
    fn declaring<'r>(&'r self, id: &str, component: Option<&'r Component<'a>>) -> Option<&'r Node<'a>> {
        let mut ids = std::iter::successors(Some(id), |id| id.rsplit_once('/').map(|(wider, _)| wider));
        ids.find_map(|id| {
            let anywhere = || self.components.get(*self.declared.get(id)?)?.declaring(id);
            component.and_then(|component| component.declaring(id)).or_else(anywhere)
        })
    }
}

impl<'a> Component<'a> {
    fn of(component: &Node<'a>) -> Result<Self, EvidenceError> {
        let rules = component.items_of("rules")?;
        let mut by_id = BTreeMap::new();
        for (place, rule) in rules.iter().enumerate() {
            if let Some(Ok(id)) = rule.get("id").map(|id| id.text()) {
                by_id.entry(id).or_insert(place);
            }
        }
        Ok(Self { rules, by_id })
    }

    fn declaring(&self, id: &str) -> Option<&Node<'a>> {
        self.rules.get(*self.by_id.get(id)?)
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
