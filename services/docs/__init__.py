"""Documents that are generated from the code: messages, AsyncAPI, the policy, settings."""
