"""The configuration that the documentation shows, whole, as text."""

WHOLE = """\
version: 1
checklist: docs/PRODUCTION_READINESS.md
enforce: all
block-on: medium
phases: [mvp, phase-1]
phase: phase-1
targets: {security: {mvp: 60, phase-1: 100}}
roles: {legal: [legal-lead, "@acme/legal"]}

merge:
  order: [14, 15, [17, 16], 21, 10]
  keywords: []
  depends-on: [{pull-request: 30, after: [21, acme/shared-lib#3, "#4"]}]
  repositories: [acme/shared-lib]

stack:
  driver: compose
  files: [docker-compose.yml]
  profiles: []
  env-file: .env.ci
  environment: [JWT_SECRET]
  wait-timeout: 3m
  settle: 200ms
  services: {migrate: {one-shot: true}, worker: {ready: {log: "ready"}}}
  allow: []
  base-url: http://backend:8000
  processes: {}

databases:
  main:
    service: db
    migrations:
      {service: backend, config: alembic.ini, directory: /app, python: python3, run: before-start}
    seed: [{service: backend, command: [python, create_test_data.py]}]

environments:
  production:
    endpoints: {backend: https://api.example}
    prometheus: https://prometheus.example
    allow: []

items:
  no-secrets: secret-scan
  cors-restricted:
    title: CORS origins restricted to production domains
    category: Security
    severity: critical
    phase: phase-1
    stage: pre-merge
    check: cors
    with: {url: /health, allow: [https://app.example], deny: [https://evil.example]}
    when: {paths: [], labels: [], branches: [], event: [], draft: false, reason: why}
    blocking: true
    timeout: 60s
    todo: steps missing
  backend-tests: {checks: [{check: junit-report}, {check: coverage-report, with: {total: ">80%"}}]}
"""
