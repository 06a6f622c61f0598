fn main() {
    for crd in modelgate::api::crds() {
        println!("---\n{}", serde_saphyr::to_string(&crd).unwrap());
    }
}
