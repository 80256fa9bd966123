//! What k runs of a case tell, with the doubt that is left.

use serde::Serialize;

/// What a case is, by its runs.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Every run passed.
    Passes,
    /// Some did.
    Flaky,
    /// None did.
    Fails,
}

/// The class of a case of which `passed` of `runs` passed.
#[must_use]
pub fn class(passed: u32, runs: u32) -> Class {
    match passed {
        0 => Class::Fails,
        passed if passed >= runs => Class::Passes,
        _ => Class::Flaky,
    }
}

/// The chance that `k` runs drawn from these all pass: C(passed, k) / C(runs, k), the unbiased estimate of
/// pass^k (Yao et al., τ-bench, 2024, section 4.1). None when there are fewer than `k`.
#[must_use]
pub fn pass_all(passed: u32, runs: u32, k: u32) -> Option<f64> {
    let share = |n: u32| (f64::from(passed) - f64::from(n)) / (f64::from(runs) - f64::from(n));
    (k <= runs && k > 0).then(|| if passed < k { 0.0 } else { (0..k).map(share).product() })
}

/// The chance that at least one of `k` passes: 1 − C(failed, k) / C(runs, k) (Chen et al., 2021, equation 1).
#[must_use]
pub fn pass_any(passed: u32, runs: u32, k: u32) -> Option<f64> {
    pass_all(runs.saturating_sub(passed), runs, k).map(|none| 1.0 - none)
}

/// The 95 % interval of a share, by Wilson's score (1927): good for few runs, and for none or all.
#[must_use]
pub fn interval(passed: u32, runs: u32) -> (f64, f64) {
    if runs == 0 {
        return (0.0, 1.0);
    }
    let z = 1.959_964;
    let (n, share) = (f64::from(runs), f64::from(passed) / f64::from(runs));
    let middle = share + z * z / (2.0 * n);
    let spread = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    let whole = 1.0 + z * z / n;
    (((middle - spread) / whole).max(0.0), ((middle + spread) / whole).min(1.0))
}

/// The exact test of McNemar (1947) for two versions over the same cases: how likely at least such a difference is
/// when neither is better. `worse` cases passed with the old alone, `better` with the new alone; those that came out
/// alike tell nothing. Two-sided, by the binomial distribution at one half.
#[must_use]
pub fn paired(worse: u32, better: u32) -> f64 {
    let n = worse + better;
    let fewer = worse.min(better);
    // Terms of C(n, i) / 2^n in logarithms: n may be large.
    let mut log = -f64::from(n) * std::f64::consts::LN_2;
    let mut tail = log.exp();
    for i in 1..=fewer {
        log += (f64::from(n - i + 1) / f64::from(i)).ln();
        tail += log.exp();
    }
    (2.0 * tail).min(1.0)
}

/// What two shares of failures, one of a good and one of a bad version, say of runs of a third: the logarithm of the
/// odds that it is bad (Wald's sequential test, 1945).
#[must_use]
pub fn odds(failed: u32, runs: u32, good: f64, bad: f64) -> f64 {
    let (failed, passed) = (f64::from(failed), f64::from(runs) - f64::from(failed));
    failed * (bad / good).ln() + passed * ((1.0 - bad) / (1.0 - good)).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(found: f64, expected: f64) {
        assert!((found - expected).abs() < 5e-4, "{found} is not {expected}");
    }

    #[test]
    fn all_of_k_and_any_of_k_are_drawn_without_putting_back() {
        near(pass_all(3, 4, 2).unwrap(), 0.5);
        near(pass_any(1, 4, 2).unwrap(), 0.5);
        near(pass_all(4, 4, 4).unwrap(), 1.0);
        near(pass_all(1, 4, 2).unwrap(), 0.0);
        assert_eq!(pass_all(1, 2, 3), None);
        assert_eq!(
            [class(0, 3), class(2, 3), class(3, 3)],
            [Class::Fails, Class::Flaky, Class::Passes]
        );
    }

    /// Against the table of Newcombe (1998), method 3: 81 of 263 is 0.2553 to 0.3662, 0 of 20 is 0 to 0.1611.
    #[test]
    fn intervals_are_those_of_the_literature() {
        let (from, to) = interval(81, 263);
        near(from, 0.2553);
        near(to, 0.3662);
        let (from, to) = interval(0, 20);
        near(from, 0.0);
        near(to, 0.1611);
        assert_eq!(interval(0, 0), (0.0, 1.0));
    }

    /// 2·(C(6,0)+C(6,1))/2^6 = 14/64; and 10 against none, 2/2^10.
    #[test]
    fn a_paired_difference_is_tested_exactly() {
        near(paired(1, 5), 14.0 / 64.0);
        near(paired(10, 0), 2.0 / 1024.0);
        near(paired(3, 3), 1.0);
        near(paired(0, 0), 1.0);
        assert!(paired(400, 600) < 1e-6);
    }

    #[test]
    fn one_failure_weighs_more_than_one_pass_when_the_bad_fail_seldom() {
        assert!(odds(1, 1, 0.01, 0.33) > 3.0);
        assert!(odds(0, 1, 0.01, 0.33) > -0.5);
        assert!(odds(0, 16, 0.01, 0.33) < -6.0);
    }
}
