"""What is remembered.

Statements that every command makes are constants with bound values: SQLAlchemy takes longer to make one than to run it.
"""
