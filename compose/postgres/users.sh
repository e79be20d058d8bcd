#!/bin/bash
# Run once, by the image, in a new database: a user and a database of its own for each service.
set -euo pipefail
psql --quiet --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --file /run/gatefleet/users.sql
