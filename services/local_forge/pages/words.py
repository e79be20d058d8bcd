"""The words of the pages that no single page owns."""

READING_ONLY = "Reading only: open the one-time login link to act"
NO_REPOSITORIES = "No repositories yet"
NO_REPOSITORIES_MORE = "A repository appears here as soon as the forge is given one."
NOTHING_WAITS = (
    "Nothing waits for you. Proposed issues and reviewed pull requests will show up here."
)
NO_ISSUES = "No open issues"
NO_ISSUES_MORE = "Proposals and reports appear here and wait for your approval."
NO_PULLS = "No open pull requests"
NO_PULLS_MORE = "When work on an approved issue is pushed, its pull request appears here."
NO_COMMITS = "No commits yet"
NO_COMMITS_MORE = "Push a branch and its newest commits appear here."
NONE_MATCH = "Nothing matches these filters"
NONE_MATCH_MORE = "Choose another state or label."
NO_CHECKS = "No checks on this commit yet. They appear here as they start."
NO_FILES = "No files changed"
NO_FILES_MORE = "The branch and its base have the same content."

FOR_TEMPLATES = {
    "reading_only": READING_ONLY,
    "no_repositories": NO_REPOSITORIES,
    "no_repositories_more": NO_REPOSITORIES_MORE,
    "nothing_waits": NOTHING_WAITS,
    "no_issues": NO_ISSUES,
    "no_issues_more": NO_ISSUES_MORE,
    "no_pulls": NO_PULLS,
    "no_pulls_more": NO_PULLS_MORE,
    "no_commits": NO_COMMITS,
    "no_commits_more": NO_COMMITS_MORE,
    "none_match": NONE_MATCH,
    "none_match_more": NONE_MATCH_MORE,
    "no_checks": NO_CHECKS,
    "no_files": NO_FILES,
    "no_files_more": NO_FILES_MORE,
}
