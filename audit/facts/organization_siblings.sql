-- Other organizations of the store whose admins share a company's domain of email.
-- Domains of public mail say nothing of a company.
-- scope: organization
-- subject: members
-- unknown: only a store of several organizations can tell
-- fact sibling_organizations | organizations | others with an admin or owner on a domain of this one's admins and owners
WITH domains AS (
    SELECT DISTINCT organization_id, lower(split_part(email, '@', -1)) AS domain
    FROM members
    WHERE level >= 8 AND email LIKE '%_@_%'
),
companies AS (
    SELECT organization_id, domain FROM domains
    WHERE domain NOT IN (
        'gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'msn.com',
        'yahoo.com', 'icloud.com', 'me.com', 'proton.me', 'protonmail.com', 'gmx.de', 'gmx.net',
        'web.de', 'aol.com', 'mail.ru', 'yandex.ru', 'qq.com', '163.com', 'fastmail.com', 'hey.com',
        'zoho.com', 'example.com'
    )
),
shared AS (
    SELECT c.organization_id, count(DISTINCT o.organization_id) AS others
    FROM companies c
    JOIN companies o ON o.domain = c.domain AND o.organization_id <> c.organization_id
    GROUP BY ALL
)
SELECT
    a.organization_id,
    CASE WHEN (SELECT count(*) FROM audited) > 1 THEN coalesce(s.others, 0) END
        AS sibling_organizations
FROM audited a
LEFT JOIN shared s ON s.organization_id = a.organization_id
