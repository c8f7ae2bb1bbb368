/// Counts the changes of this engine that change output bytes.
///
/// It is part of every recipe digest: raise it with any change that makes other tiles of the same source and settings,
/// and the next run sees that old derivations are of another recipe.
package let engineRevision = 3
