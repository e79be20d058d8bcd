"""The git command line, used as data in and data out: never inside a tree that somebody else wrote.

runner   one hardened `git` process         mirror      our bare copy of a remote's branches
export   a commit's files, without git      snapshot    a work tree back into a commit and a bundle
quarantine  a bundle checked as data        diff        what changed, from our own objects
commits  commits that are ours              merging     merges without a work tree
push     the one way out                    secrets     what must never leave
"""
