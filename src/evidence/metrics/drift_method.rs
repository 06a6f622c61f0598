//! What a number of Evidently's drift methods means: of some a small one is drift (p-values), of others a large one
//! (distances). By the names that its reports show where it chose the method, and by those that it is asked by; compared as its
//! statistical tests compare (0.7.23; 0.6.7 alike).

use super::Reading;

/// Whether the number says that the column drifted, 1 or 0. Of a method that is not known, or that compares otherwise,
/// nothing is told.
pub fn drifted(method: &str, threshold: f64, number: f64) -> Reading {
    let drifted = match method {
        "K-S p_value" | "ks" | "Cramer-von Mises" | "cramer_von_mises" => number <= threshold,
        // Evidently compares its total variation distance as a p-value: it is one of a permutation test.
        "chi-square p_value"
        | "chisquare"
        | "Z-test p_value"
        | "z"
        | "t_test"
        | "Anderson-Darling"
        | "anderson"
        | "Epps-Singleton"
        | "es"
        | "Fisher's Exact test"
        | "fisher_exact"
        | "g_test"
        | "Mann-Whitney U-rank test"
        | "mannw"
        | "empirical_mmd"
        | "Total-Variation-Distance"
        | "TVD" => number < threshold,
        "Wasserstein distance (normed)"
        | "wasserstein"
        | "Jensen-Shannon distance"
        | "jensenshannon"
        | "Kullback-Leibler divergence"
        | "kl_div"
        | "PSI"
        | "psi"
        | "Hellinger distance"
        | "hellinger" => number >= threshold,
        "Energy-distance" | "ed" | "Absolute text content drift" | "abs_text_content_drift" => number > threshold,
        _ => return Reading::Other("drift by a method of which nothing is known; ask the number itself"),
    };
    Reading::Number(f64::from(u8::from(drifted)))
}
