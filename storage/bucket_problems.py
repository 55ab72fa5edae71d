"""What is wrong with a bucket that was never right, said by the setting that mends it."""

from __future__ import annotations

from forms.problems import Problem


class BucketKeysMissing(Problem):
    """Nobody said who the server is to the bucket."""

    sentence = (
        "The bucket {bucket} cannot be used without keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
    )


class BucketKeysRefused(Problem):
    """The keys are not known, or the secret is not theirs."""

    sentence = (
        "The bucket {bucket} does not accept the keys it was given: "
        "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY right."
    )


class BucketMissing(Problem):
    """The service answers, and has no such bucket."""

    sentence = (
        "There is no bucket {bucket} at {endpoint}: make it, or set COLLECTOR_BLOBS_URL and "
        "COLLECTOR_S3_ENDPOINT right."
    )


class BucketForbids(Problem):
    """The keys are known and may not do what the server has to do."""

    sentence = (
        "The keys in AWS_ACCESS_KEY_ID lack the right {action} in the bucket {bucket}: give them the rights "
        "that docs/operate.md lists under “Files in S3”."
    )


class BucketElsewhere(Problem):
    """The bucket lies in another region than requests are signed for."""

    sentence = "The bucket {bucket} lies in another region: set AWS_DEFAULT_REGION to the region it lies in."


class BucketSilent(Problem):
    """Nothing answers where the bucket should be."""

    sentence = (
        "The bucket {bucket} does not answer at {endpoint}: see that it runs and that COLLECTOR_S3_ENDPOINT "
        "is right."
    )
