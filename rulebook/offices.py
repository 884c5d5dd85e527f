"""The words for levels, departments and roles: by them rules say who may do what, and organisation data who somebody is."""

from __future__ import annotations

from typing import Literal

UnitLevel = Literal["head_office", "province", "city", "county"]
"""The level of a unit: 总公司, 省级分公司, 地市级机构, 县级机构."""

DepartmentKind = Literal[
    "management",
    "customer_service",
    "personal_sales",
    "group_sales",
    "bank_sales",
    "phone_sales",
    "sales_supervision",
    "business_management",
    "payment_management",
    "information_technology",
    "brand",
    "legal",
    "consumer_protection",
]
"""What a department does (R030–R035); *management* is the general manager's office (总经理室)."""

Role = Literal[
    "handler",
    "customer_service",
    "coordinator",
    "department_head",
    "senior_manager",
    "legal",
    "callback",
    "committee",
    "consumer_protection",
    "auditor",
]
"""What a person may be asked to do."""
