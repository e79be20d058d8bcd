"""A worked policy, printed in the reference and kept true by a test."""

EXAMPLE = """\
# .gatefleet.yml, read from the default branch only. Everything is optional.
schedule:
  proposals: "0 6 * * 1-5"        # minute hour day month weekday; or a list of such lines
  timezone: Europe/Paris          # missed times run once

proposals:
  quota: 3
  finders: [lint, types, tests, todo, readme]

setup:
  - pip install -e .

test:
  command: python -m pytest -q
  timeout: 10m

engines:
  dev:
    name: command
    commands:
      - {run: "ruff check --fix {paths}", ok: [0, 1]}
      - ruff format {paths}
    timeout: 20m

scope:
  allow: ["src/**", "tests/**", "*.md"]
  deny: ["src/vendored/**"]
protected: ["deploy/**"]          # added to the built-in list

size: {flag: 400, reject: 1500}

checks:
  required:
    - gatefleet/tests             # the fleet's own run of the tests
    - {name: build, app: github-actions}
  accept: [success]

review: {rounds: 3, lint: true}

roles: {approve: [write, maintain, admin]}
approval: {ttl: 14d, quiet_s: 120, four_eyes: false}
labels: {proposed: proposed, approved: approved, priority_prefix: "priority:"}

limits:
  concurrent_runs: 2
  open_proposals: 3
  run_timeout: 45m
  bundle_bytes: 1MiB

budget: {run: 0.50, issue: 2, day: 10}   # US dollars; 0 is none

triggers:
  custom.sentry.alert:
    role: pm-agent
    schema:
      properties:
        title: {type: string, maxLength: 200}
        level: {type: string, enum: [error, fatal]}
      required: [title]

accept: [protection.none]         # findings of the doctor that this repository lives with
"""
