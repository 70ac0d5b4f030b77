-- What the reports know of the providers.
SELECT provider, title, credits_unit
FROM calltally.provider
